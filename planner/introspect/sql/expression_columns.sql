-- The columns of one table ($1, $2), in its order, and a row without a column where it has none.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html
select coalesce(a.attname::text, '') as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
         || case when co.oid is null then ''
                 else pg_catalog.format(' collate %I.%I', cn.nspname, co.collname) end as type,
       coalesce(a.atttypid, 0) as type_oid,
       coalesce(a.atttypmod, -1) as modifier
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join pg_catalog.pg_collation as co on co.oid = a.attcollation and a.attcollation <> t.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
 where n.nspname::text = $1::text
   and c.relname::text = $2::text
   and c.relkind in ('r', 'p')
 order by a.attnum
