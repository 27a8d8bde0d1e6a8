-- Materialized views. https://www.postgresql.org/docs/current/rules-materializedviews.html
select c.oid,
       n.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.pg_get_viewdef(c.oid) as definition,
       coalesce(c.reloptions, '{}') as options,
       coalesce(toast.reloptions, '{}') as toast_options,
       case when am.amname <> 'heap' then am.amname::text else '' end as access_method, -- from 12
       '' as access_method, -- before 12
       coalesce(ts.spcname::text, '') as tablespace,
       c.relispopulated as populated,
       case when c.reltuples <= 0 and c.relpages = 0 then -1 else c.reltuples::bigint end as rows, -- before 14
       c.reltuples::bigint as rows, -- from 14
       coalesce(pg_catalog.pg_relation_size(c.oid), 0)
         / pg_catalog.current_setting('block_size')::bigint as pages,
       coalesce(pg_catalog.pg_table_size(c.oid), 0) as bytes
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_class as toast on toast.oid = c.reltoastrelid
  left join pg_catalog.pg_am as am on am.oid = c.relam -- from 12
  left join pg_catalog.pg_tablespace as ts on ts.oid = c.reltablespace
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0
 where c.relkind = 'm'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.relname
