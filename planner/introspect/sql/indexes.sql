-- Indexes that stand behind no constraint. Of a foreign key, conindid is the index of the table it refers to. The
-- definition is null where definitions.go writes it: where there is nothing to say but the columns' names.
-- https://www.postgresql.org/docs/current/catalog-pg-index.html
select i.oid,
       n.nspname::text as schema,
       i.relname::text as name,
       pg_catalog.pg_get_userbyid(i.relowner)::text as owner,
       d.description as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       case when plain.columns = x.indnatts
                 and i.relkind = 'i'
                 and i.reloptions is null
                 and x.indpred is null
                 and 0 = all (x.indoption)
                 and x.indnatts = x.indnkeyatts -- from 11
                 and not x.indnullsnotdistinct -- from 15
            then null else pg_catalog.pg_get_indexdef(i.oid) end as definition,
       x.indkey::smallint[] as key,
       x.indisunique as unique,
       x.indisvalid and x.indisready as valid,
       on_.nspname::text as of_schema,
       o.relname::text as of_name,
       x.indisclustered as clustered,
       c.relkind = 'm' as on_materialized,
       ts.spcname::text as tablespace,
       case when x.indexprs is not null then array( -- no other column has one
         select array[a.attnum::integer, a.attstattarget::integer]
           from pg_catalog.pg_attribute as a
          where a.attrelid = i.oid and a.attstattarget >= 0
          order by a.attnum
       ) end as statistics,
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
  left join (
         -- of btree, whose own operator classes have no options, and say nothing where they are the type's default
         select p.indexrelid, pg_catalog.count(*) as columns
           from pg_catalog.pg_index as p
          cross join rows from (pg_catalog.unnest(p.indkey::smallint[]),
                                pg_catalog.unnest(p.indclass::oid[]),
                                pg_catalog.unnest(p.indcollation::oid[])) as u (number, class, sorted)
           join pg_catalog.pg_attribute as a on a.attrelid = p.indrelid and a.attnum = u.number
           join pg_catalog.pg_opclass as oc on oc.oid = u.class
           join pg_catalog.pg_class as t on t.oid = p.indrelid and t.relkind in ('r', 'p')
          where not p.indisprimary -- nor is it here
            and oc.opcmethod = 403 -- pg_am.dat
            and oc.opcdefault
            and oc.oid < 16384 -- FirstNormalObjectId
            and oc.opcintype = a.atttypid
            and u.sorted in (0, a.attcollation)
          group by p.indexrelid
       ) as plain on plain.indexrelid = i.oid
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_constraint as k
          where k.conindid = i.oid and k.contype in ('p', 'u', 'x')
       )
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by i.oid
