-- Composite types of their own: the row type of a table is not.
-- https://www.postgresql.org/docs/current/rowtypes.html
select t.oid,
       n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.pg_get_userbyid(t.typowner)::text as owner,
       coalesce(d.description, '') as comment
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
  join pg_catalog.pg_class as c on c.oid = t.typrelid
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objsubid = 0
 where c.relkind = 'c'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, t.typname
