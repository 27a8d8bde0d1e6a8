-- What tables are partitions of, or inherit from, in order.
-- https://www.postgresql.org/docs/current/catalog-pg-inherits.html
select i.inhrelid as child,
       n.nspname::text as schema,
       p.relname::text as name
  from pg_catalog.pg_inherits as i
  join pg_catalog.pg_class as p on p.oid = i.inhparent
  join pg_catalog.pg_namespace as n on n.oid = p.relnamespace
 where p.relkind in ('r', 'p', 'f')
 order by i.inhrelid, i.inhseqno
