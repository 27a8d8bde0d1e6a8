-- Schemas. https://www.postgresql.org/docs/current/catalog-pg-namespace.html
select n.oid,
       '' as schema,
       n.nspname::text as name,
       pg_catalog.pg_get_userbyid(n.nspowner)::text as owner,
       coalesce(d.description, '') as comment,
       n.nspname = 'public' and n.nspowner = 10 as owned_as_made -- before 15
       n.nspname = 'public' and n.nspowner = 6171 as owned_as_made -- from 15
  from pg_catalog.pg_namespace as n
  left join pg_catalog.pg_description as d
    on d.objoid = n.oid and d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and e.objid = n.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname
