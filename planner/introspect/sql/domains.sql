-- Domains. https://www.postgresql.org/docs/current/catalog-pg-type.html
select t.oid,
       n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.pg_get_userbyid(t.typowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.format_type(t.typbasetype, t.typtypmod) as type,
       coalesce(cn.nspname::text, '') as collation_schema,
       coalesce(co.collname::text, '') as collation_name,
       coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault, '') as "default",
       t.typnotnull as not_null,
       coalesce(k.conname::text, '') as not_null_name, -- from 17
       coalesce(kd.description, '') as not_null_comment -- from 17
       '' as not_null_name, -- before 17
       '' as not_null_comment -- before 17
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
  join pg_catalog.pg_type as b on b.oid = t.typbasetype
  left join pg_catalog.pg_collation as co on co.oid = t.typcollation and t.typcollation <> b.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
  left join pg_catalog.pg_constraint as k on k.contypid = t.oid and k.contype = 'n' -- from 17
  left join pg_catalog.pg_description as kd -- from 17
    on kd.objoid = k.oid and kd.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass -- from 17
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objsubid = 0
 where t.typtype = 'd'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, t.typname
