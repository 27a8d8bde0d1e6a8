-- Casts, without those from a range type to its multirange, which come with the type (deptype i).
-- https://www.postgresql.org/docs/current/catalog-pg-cast.html
select c.oid,
       '' as schema,
       pg_catalog.format_type(c.castsource, null) || ' as ' || pg_catalog.format_type(c.casttarget, null) as name,
       '' as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.format_type(c.castsource, null) as source,
       pg_catalog.format_type(c.casttarget, null) as target,
       c.castmethod::text as method,
       c.castfunc::pg_catalog.oid as function,
       c.castcontext::text as context
  from pg_catalog.pg_cast as c
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objsubid = 0
 where c.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and e.objid = c.oid and e.deptype in ('e', 'i')
       )
 order by name
