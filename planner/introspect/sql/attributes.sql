-- Attributes of composite types, whosever they are. Their comments are those of columns.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html
select c.reltype as composite,
       a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       coalesce(cn.nspname::text, '') as collation_schema,
       coalesce(co.collname::text, '') as collation_name,
       coalesce(d.description, '') as comment
  from pg_catalog.pg_attribute as a
  join pg_catalog.pg_class as c on c.oid = a.attrelid
  join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join pg_catalog.pg_collation as co on co.oid = a.attcollation and a.attcollation <> t.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = a.attrelid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = a.attnum
 where c.relkind = 'c'
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
