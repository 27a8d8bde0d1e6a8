-- What goes with an extension without being its member: ALTER ... DEPENDS ON EXTENSION, which until 13 could be said
-- twice.
-- https://www.postgresql.org/docs/current/catalog-pg-depend.html
select distinct d.classid as class,
       d.objid as object,
       d.refobjid as extension,
       e.extname::text as name
  from pg_catalog.pg_depend as d
  join pg_catalog.pg_extension as e on e.oid = d.refobjid
 where d.deptype = 'x'
   and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
 order by d.classid, d.objid, e.extname::text
