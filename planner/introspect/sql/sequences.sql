-- Sequences: of their own, owned by a column (deptype a: OWNED BY, serial), or behind an identity column (deptype i).
-- https://www.postgresql.org/docs/current/catalog-pg-sequence.html
select c.oid,
       n.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       d.description as comment,
       pg_catalog.format_type(s.seqtypid, null) as type,
       s.seqstart as start,
       s.seqincrement as increment,
       s.seqmin as min,
       s.seqmax as max,
       s.seqcache as cache,
       s.seqcycle as cycle,
       c.relpersistence = 'u' as unlogged,
       o.deptype::text as owned,
       r.oid as owner_oid,
       rn.nspname::text as owner_schema,
       r.relname::text as owner_name,
       o.refobjsubid::smallint as owner_number,
       -- not a join: it would read all of pg_attribute
       (
         select a.attname::text
           from pg_catalog.pg_attribute as a
          where a.attrelid = o.refobjid and a.attnum = o.refobjsubid
       ) as owner_column
  from pg_catalog.pg_sequence as s
  join pg_catalog.pg_class as c on c.oid = s.seqrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_depend as o
    on o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.objid = c.oid and o.objsubid = 0
   and o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refobjsubid > 0 and o.deptype in ('a', 'i')
  left join pg_catalog.pg_class as r on r.oid = o.refobjid
  left join pg_catalog.pg_namespace as rn on rn.oid = r.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by c.oid
