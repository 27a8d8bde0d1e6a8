-- Templates of text search dictionaries. https://www.postgresql.org/docs/current/catalog-pg-ts-template.html
select t.oid,
       n.nspname::text as schema,
       t.tmplname::text as name,
       '' as owner,
       coalesce(d.description, '') as comment,
       t.tmplinit::pg_catalog.oid as init,
       t.tmpllexize::pg_catalog.oid as lexize
  from pg_catalog.pg_ts_template as t
  join pg_catalog.pg_namespace as n on n.oid = t.tmplnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_ts_template'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_ts_template'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, t.tmplname
