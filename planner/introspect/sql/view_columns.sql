-- Columns of views and materialized views. Only of a view can a column have a default, only a materialized one stores
-- something. https://www.postgresql.org/docs/current/catalog-pg-attribute.html
select a.attrelid as relation,
       a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       coalesce(cn.nspname::text, '') as collation_schema,
       coalesce(co.collname::text, '') as collation_name,
       coalesce(pg_catalog.pg_get_expr(f.adbin, f.adrelid), '') as "default",
       case when a.attstorage <> t.typstorage then a.attstorage::text else '' end as storage,
       a.attcompression::text as compression, -- from 14
       '' as compression, -- before 14
       coalesce(a.attstattarget, -1)::integer as statistics,
       coalesce(a.attoptions, '{}') as options,
       coalesce(d.description, '') as comment
  from pg_catalog.pg_attribute as a
  join pg_catalog.pg_class as c on c.oid = a.attrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef as f on f.adrelid = a.attrelid and f.adnum = a.attnum
  left join pg_catalog.pg_collation as co on co.oid = a.attcollation and a.attcollation <> t.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = a.attrelid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = a.attnum
 where c.relkind in ('v', 'm')
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
