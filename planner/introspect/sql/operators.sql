-- Operators. One without a function is a shell, that another one only named: it comes with that one.
-- https://www.postgresql.org/docs/current/catalog-pg-operator.html
with functions (oid, name) as (
  select p.oid, array[n.nspname::text, p.proname::text]
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
),
operators (oid, name) as (
  select o.oid, array[n.nspname::text, o.oprname::text]
    from pg_catalog.pg_operator as o
    join pg_catalog.pg_namespace as n on n.oid = o.oprnamespace
)
select o.oid,
       n.nspname::text as schema,
       o.oprname::text as name,
       pg_catalog.pg_get_userbyid(o.oprowner)::text as owner,
       coalesce(d.description, '') as comment,
       coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), '') as left_type,
       coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), '') as right_type,
       f.name as function,
       co.name as commutator,
       ne.name as negator,
       rf.name as restrict_function,
       jf.name as join_function,
       o.oprcanhash as hashes,
       o.oprcanmerge as merges
  from pg_catalog.pg_operator as o
  join pg_catalog.pg_namespace as n on n.oid = o.oprnamespace
  join functions as f on f.oid = o.oprcode
  left join operators as co on co.oid = o.oprcom
  left join operators as ne on ne.oid = o.oprnegate
  left join functions as rf on rf.oid = o.oprrest
  left join functions as jf on jf.oid = o.oprjoin
  left join pg_catalog.pg_description as d
    on d.objoid = o.oid and d.classoid = 'pg_catalog.pg_operator'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass and e.objid = o.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, o.oprname, left_type, right_type
