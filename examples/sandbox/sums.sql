-- Ordinary tables (partition leaves are such), and materialised views.
-- https://www.postgresql.org/docs/current/catalog-pg-class.html
-- The sum is of the first 64 bits of each row's md5: free of order, exact for duplicates.
-- The alias is unlikely to be a column's name, which would win over it.
select n.nspname || '.' || c.relname,
       case when c.relispopulated
         then format(
           $$select count(*)::text || ':' || coalesce(sum(('x' || left(md5(sluice_row::text), 16))::bit(64)::bigint), 0)::text
               from only %I.%I as sluice_row$$, n.nspname, c.relname)
         else $$select 'unpopulated'$$
       end
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm')
   and n.nspname not in ('pg_catalog', 'information_schema', 'sluice')
   and n.nspname !~ '^pg_(toast|temp)'
 order by 1
