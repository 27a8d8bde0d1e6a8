-- Indexes that stand behind no constraint. Of a foreign key, conindid is the index of the table it refers to.
-- https://www.postgresql.org/docs/current/catalog-pg-index.html
select i.oid,
       n.nspname::text as schema,
       i.relname::text as name,
       pg_catalog.pg_get_userbyid(i.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       pg_catalog.pg_get_indexdef(i.oid) as definition,
       x.indisunique as unique,
       x.indisvalid and x.indisready as valid,
       coalesce(on_.nspname::text, '') as of_schema,
       coalesce(o.relname::text, '') as of_name,
       x.indisclustered as clustered,
       c.relkind = 'm' as on_materialized,
       coalesce(ts.spcname::text, '') as tablespace,
       array(
         select array[a.attnum::integer, a.attstattarget::integer]
           from pg_catalog.pg_attribute as a
          where a.attrelid = i.oid and a.attstattarget >= 0
          order by a.attnum
       ) as statistics,
       i.relpages * pg_catalog.current_setting('block_size')::bigint as bytes
  from pg_catalog.pg_index as x
  join pg_catalog.pg_class as i on i.oid = x.indexrelid
  join pg_catalog.pg_class as c on c.oid = x.indrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_tablespace as ts on ts.oid = i.reltablespace
  left join pg_catalog.pg_inherits as h on h.inhrelid = i.oid
  left join pg_catalog.pg_class as o on o.oid = h.inhparent
  left join pg_catalog.pg_namespace as on_ on on_.oid = o.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = i.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_constraint as k
          where k.conindid = i.oid and k.contype in ('p', 'u', 'x')
       )
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e'
       )
 order by n.nspname, i.relname
