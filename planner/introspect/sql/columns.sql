-- Columns of tables, also of foreign ones. A type is followed through domains to what they are over in the end. A
-- NOT NULL that is not validated, or that comes from a parent's which is not, is in constraints.sql. Null is what there
-- is none of, which of so many rows is cheaper than an empty text.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html
with recursive domains (oid, base) as (
  select t.oid, t.typbasetype
    from pg_catalog.pg_type as t
   where t.typtype = 'd'
   union all
  select s.oid, t.typbasetype
    from domains as s
    join pg_catalog.pg_type as t on t.oid = s.base and t.typtype = 'd'
)
select a.attrelid as relation,
       a.attnum as number,
       a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       a.atttypid as type_oid,
       b.oid as base,
       case when s.oid is not null then pg_catalog.format_type(b.oid, null) end as base_type,
       el.oid as element,
       a.attcollation in (950, 951) -- "C" and "POSIX": pg_collation.dat
         or a.attcollation = 100
            and db.datlocprovider = 'c' -- from 15
            and db.datcollate in ('C', 'POSIX') as bytewise,
       a.attnotnull as not_null, -- before 18
       a.attnotnull and nn.oid is not null as not_null, -- from 18
       null as not_null_name, -- before 18
       null as not_null_comment, -- before 18
       null as not_null_no_inherit, -- before 18
       case when nn.coninhcount > 0 and not c.relispartition or nd.objoid is not null -- from 18
                 or nn.conname::text <> c.relname || '_' || a.attname || '_not_null' -- from 18
            then nn.conname::text end as not_null_name, -- from 18
       nd.description as not_null_comment, -- from 18
       nn.connoinherit as not_null_no_inherit, -- from 18
       -- only what a generated column computes may name others: else the server need not open the table
       pg_catalog.pg_get_expr(f.adbin, 0) as "default", -- before 12
       pg_catalog.pg_get_expr(f.adbin, case when a.attgenerated = '' then 0 else f.adrelid end) as "default", -- from 12
       nullif(a.attgenerated::text, '') as generated, -- from 12
       null as generated, -- before 12
       nullif(a.attidentity::text, '') as identity,
       cn.nspname::text as collation_schema,
       co.collname::text as collation_name,
       case when a.attstorage <> t.typstorage then a.attstorage::text end as storage,
       nullif(a.attcompression::text, '') as compression, -- from 14
       null as compression, -- before 14
       coalesce(a.attstattarget, -1)::integer as statistics,
       a.attoptions as options,
       a.attfdwoptions as fetch,
       d.description as comment,
       a.attinhcount > 0 and not a.attislocal as inherited,
       a.attinhcount > 0 and coalesce(not nn.conislocal, false) as not_null_inherited -- from 18
       a.attinhcount > 0 and exists ( -- before 18
         select from pg_catalog.pg_inherits as i -- before 18
           join pg_catalog.pg_attribute as p on p.attrelid = i.inhparent and p.attname = a.attname -- before 18
          where i.inhrelid = a.attrelid and p.attnotnull -- before 18
       ) as not_null_inherited -- before 18
  from pg_catalog.pg_attribute as a
  join pg_catalog.pg_class as c on c.oid = a.attrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_type as t on t.oid = a.atttypid
  left join domains as s
    on s.oid = t.oid and not exists (select from pg_catalog.pg_type as u where u.oid = s.base and u.typtype = 'd')
  join pg_catalog.pg_type as b on b.oid = coalesce(s.base, t.oid)
  left join pg_catalog.pg_type as el on el.oid = b.typelem and el.typarray = b.oid
  left join pg_catalog.pg_attrdef as f on f.adrelid = a.attrelid and f.adnum = a.attnum
  left join pg_catalog.pg_collation as co on co.oid = a.attcollation and a.attcollation <> t.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
  left join pg_catalog.pg_constraint as nn -- from 18
    on nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey[1] = a.attnum and nn.convalidated -- from 18
       and not exists ( -- from 18
             select from pg_catalog.pg_inherits as i -- from 18
               join pg_catalog.pg_constraint as p on p.conrelid = i.inhparent and p.contype = 'n' -- from 18
              where i.inhrelid = nn.conrelid and not nn.conislocal -- from 18
                and p.conname = nn.conname and not p.convalidated -- from 18
           ) -- from 18
  left join pg_catalog.pg_description as nd -- from 18
    on nd.objoid = nn.oid and nd.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass -- from 18
  left join pg_catalog.pg_description as d
    on d.objoid = a.attrelid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = a.attnum
 cross join pg_catalog.pg_database as db
 where db.datname = pg_catalog.current_database()
   and c.relkind in ('r', 'p', 'f')
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
