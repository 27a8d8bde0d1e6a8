-- Constraints of tables: primary key, unique, check, exclusion and foreign key, and NOT NULL where it, or the parent's
-- from which it comes, is not validated. A foreign key with a parent belongs to it: to that of the partitioned table,
-- on either side. The definition is null where definitions.go writes it.
-- https://www.postgresql.org/docs/current/catalog-pg-constraint.html
select k.oid,
       n.nspname::text as schema,
       k.conname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       d.description as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       k.contype::text as type,
       case when k.contype in ('p', 'u')
                 and not k.condeferrable
                 and x.indnatts = x.indnkeyatts -- from 11
                 and not x.indnullsnotdistinct -- from 15
                 and not k.conperiod -- from 18
                 or k.contype = 'f'
                 and not k.condeferrable
                 and k.convalidated
                 and k.confmatchtype = 's'
                 and k.confupdtype = 'a'
                 and k.confdeltype = 'a'
                 and rn.nspname !~ '^(pg_|(information_schema|sluice)$)' -- whose columns are read
                 and not k.conperiod -- from 18
                 and k.conenforced -- from 18
            then null else pg_catalog.pg_get_constraintdef(k.oid) end as definition,
       k.conkey as key,
       nullif(k.confrelid, 0) as references_oid,
       k.confkey as references_key,
       k.convalidated as valid,
       below.unsure and k.convalidated as validated,
       k.condeferrable as deferrable,
       k.contype in ('c', 'n') and k.coninhcount > 0 and not k.conislocal as inherited,
       i.relname::text as index,
       x.indisclustered as clustered,
       rn.nspname::text as references_schema,
       r.relname::text as references_name,
       r.relkind = 'p' as references_parted,
       on_.nspname::text as of_schema,
       o.relname::text as of_name,
       c.relkind = 'p' as partitioned,
       exists (select from pg_catalog.pg_inherits as ci where ci.inhrelid = c.oid) as below,
       case when k.contype in ('p', 'u') then i.reloptions end as options,
       ts.spcname::text as tablespace,
       id.description as index_comment,
       case when x.indexprs is not null then array( -- no other column has one
         select array[a.attnum::integer, a.attstattarget::integer]
           from pg_catalog.pg_attribute as a
          where a.attrelid = i.oid and a.attstattarget >= 0
          order by a.attnum
       ) end as statistics,
       i.relpages * pg_catalog.current_setting('block_size')::bigint as bytes
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
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by k.oid
