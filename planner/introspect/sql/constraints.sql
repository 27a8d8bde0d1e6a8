-- Constraints of tables: primary key, unique, check, exclusion and foreign key, and NOT NULL where it, or the parent's
-- from which it comes, is not validated. A foreign key with a parent belongs to it: to that of the partitioned table,
-- on either side.
-- https://www.postgresql.org/docs/current/catalog-pg-constraint.html
select k.oid,
       n.nspname::text as schema,
       k.conname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       k.contype::text as type,
       pg_catalog.pg_get_constraintdef(k.oid) as definition,
       coalesce(k.conkey, '{}') as key,
       k.convalidated as valid,
       below.unsure and k.convalidated as validated,
       k.condeferrable as deferrable,
       k.contype in ('c', 'n') and k.coninhcount > 0 and not k.conislocal as inherited,
       coalesce(i.relname::text, '') as index,
       coalesce(x.indisclustered, false) as clustered,
       coalesce(rn.nspname::text, '') as references_schema,
       coalesce(r.relname::text, '') as references_name,
       coalesce(r.relkind = 'p', false) as references_parted,
       coalesce(on_.nspname::text, '') as of_schema,
       coalesce(o.relname::text, '') as of_name,
       c.relkind = 'p' as partitioned,
       case when k.contype in ('p', 'u') then coalesce(i.reloptions, '{}') else '{}' end as options,
       coalesce(ts.spcname::text, '') as tablespace,
       coalesce(id.description, '') as index_comment,
       array(
         select array[a.attnum::integer, a.attstattarget::integer]
           from pg_catalog.pg_attribute as a
          where a.attrelid = i.oid and a.attstattarget >= 0
          order by a.attnum
       ) as statistics,
       coalesce(i.relpages, 0) * pg_catalog.current_setting('block_size')::bigint as bytes
  from pg_catalog.pg_constraint as k
  join pg_catalog.pg_class as c on c.oid = k.conrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_class as i on i.oid = k.conindid and k.contype in ('p', 'u', 'x')
  left join pg_catalog.pg_index as x on x.indexrelid = i.oid
  left join pg_catalog.pg_tablespace as ts on ts.oid = i.reltablespace
  left join pg_catalog.pg_inherits as h on h.inhrelid = i.oid
  left join pg_catalog.pg_class as o on o.oid = h.inhparent
  left join pg_catalog.pg_namespace as on_ on on_.oid = o.relnamespace
  left join pg_catalog.pg_class as r on r.oid = k.confrelid and k.contype = 'f'
  left join pg_catalog.pg_namespace as rn on rn.oid = r.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = k.oid and d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objsubid = 0
  left join pg_catalog.pg_description as id
    on id.objoid = i.oid and id.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and id.objsubid = 0
 cross join lateral (
         select k.contype in ('c', 'n') and k.coninhcount > 0 and not k.conislocal and exists (
                  select from pg_catalog.pg_inherits as ki
                    join pg_catalog.pg_constraint as kp on kp.conrelid = ki.inhparent and kp.contype = k.contype
                   where ki.inhrelid = k.conrelid and kp.conname = k.conname and not kp.convalidated
                ) as unsure
       ) as below
 where (k.contype in ('p', 'u', 'c', 'x', 'f') or k.contype = 'n' and (not k.convalidated or below.unsure))
   and not (k.contype = 'f' and k.conparentid <> 0) -- from 11
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e'
       )
 order by n.nspname, c.relname, k.conname
