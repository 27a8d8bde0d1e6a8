-- Extensions, but for what initdb made and every database has. FirstNormalObjectId is 16384.
-- https://www.postgresql.org/docs/current/catalog-pg-extension.html
select e.oid,
       '' as schema,
       e.extname::text as name,
       pg_catalog.pg_get_userbyid(e.extowner)::text as owner,
       coalesce(d.description, '') as comment,
       n.nspname::text as in_schema,
       e.extrelocatable as relocatable,
       e.extversion as version
  from pg_catalog.pg_extension as e
  join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = e.oid and d.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.objsubid = 0
 where e.oid >= 16384
   and e.extname <> 'plpgsql'
 order by e.extname
