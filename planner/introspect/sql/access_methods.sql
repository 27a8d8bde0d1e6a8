-- Access methods that no extension brought. https://www.postgresql.org/docs/current/catalog-pg-am.html
select a.oid,
       '' as schema,
       a.amname::text as name,
       '' as owner,
       coalesce(d.description, '') as comment,
       a.amtype::text as type,
       a.amhandler::pg_catalog.oid as handler
  from pg_catalog.pg_am as a
  left join pg_catalog.pg_description as d
    on d.objoid = a.oid and d.classoid = 'pg_catalog.pg_am'::pg_catalog.regclass and d.objsubid = 0
 where a.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_am'::pg_catalog.regclass and e.objid = a.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by a.amname
