-- Dictionaries of text search. The server keeps their options as CREATE TEXT SEARCH DICTIONARY takes them.
-- https://www.postgresql.org/docs/current/catalog-pg-ts-dict.html
select dict.oid,
       n.nspname::text as schema,
       dict.dictname::text as name,
       pg_catalog.pg_get_userbyid(dict.dictowner)::text as owner,
       coalesce(d.description, '') as comment,
       tn.nspname::text as template_schema,
       t.tmplname::text as template_name,
       coalesce(dict.dictinitoption, '') as options
  from pg_catalog.pg_ts_dict as dict
  join pg_catalog.pg_namespace as n on n.oid = dict.dictnamespace
  join pg_catalog.pg_ts_template as t on t.oid = dict.dicttemplate
  join pg_catalog.pg_namespace as tn on tn.oid = t.tmplnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = dict.oid and d.classoid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass and e.objid = dict.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, dict.dictname
