-- What belongs to an extension. Who depends on it depends on the extension.
-- https://www.postgresql.org/docs/current/extend-extensions.html
select d.classid as class, d.objid as object, d.refclassid as of_class, d.refobjid as of_object
  from pg_catalog.pg_depend as d
 where d.deptype = 'e'
   and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
 order by d.classid, d.objid
