-- Conversions. https://www.postgresql.org/docs/current/catalog-pg-conversion.html
select c.oid,
       n.nspname::text as schema,
       c.conname::text as name,
       pg_catalog.pg_get_userbyid(c.conowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.pg_encoding_to_char(c.conforencoding)::text as source,
       pg_catalog.pg_encoding_to_char(c.contoencoding)::text as destination,
       c.conproc::pg_catalog.oid as function,
       c.condefault as "default"
  from pg_catalog.pg_conversion as c
  join pg_catalog.pg_namespace as n on n.oid = c.connamespace
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_conversion'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_conversion'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.conname
