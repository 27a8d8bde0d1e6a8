-- Tables and sequences of extensions whose content is the user's, in the order in which the extension named them.
-- https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES
select e.oid as extension,
       n.nspname::text as schema,
       c.relname::text as name,
       c.relkind = 'S' as sequence,
       coalesce(t.condition, '') as condition,
       array(
         select a.attname::text
           from pg_catalog.pg_attribute as a
          where a.attrelid = c.oid
            and a.attnum > 0
            and not a.attisdropped
            and a.attgenerated = '' -- from 12
            and c.relkind = 'r'
          order by a.attnum
       ) as columns
  from pg_catalog.pg_extension as e
 cross join lateral unnest(e.extconfig, e.extcondition) with ordinality as t (relation, condition, number)
  join pg_catalog.pg_class as c on c.oid = t.relation
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where c.relkind in ('r', 'S')
 order by e.extname, t.number
