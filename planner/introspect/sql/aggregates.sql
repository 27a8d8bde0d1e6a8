-- Aggregate functions.
-- https://www.postgresql.org/docs/current/catalog-pg-aggregate.html
with functions (oid, name) as (
  select p.oid, array[n.nspname::text, p.proname::text]
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
)
select p.oid,
       n.nspname::text as schema,
       p.proname::text as name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as args,
       pg_catalog.pg_get_userbyid(p.proowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.pg_get_function_arguments(p.oid) as arguments,
       a.aggkind::text as kind,
       tf.name as transition,
       pg_catalog.format_type(a.aggtranstype, null) as state_type,
       a.aggtransspace as state_size,
       ff.name as final,
       a.aggfinalextra as final_extra,
       a.aggfinalmodify::text as final_modify, -- from 11
       '' as final_modify, -- before 11
       cf.name as combine,
       sf.name as serial,
       df.name as deserial,
       a.agginitval as initial,
       mt.name as moving_transition,
       mi.name as moving_inverse,
       coalesce(pg_catalog.format_type(nullif(a.aggmtranstype, 0), null), '') as moving_state_type,
       a.aggmtransspace as moving_state_size,
       mf.name as moving_final,
       a.aggmfinalextra as moving_extra,
       a.aggmfinalmodify::text as moving_modify, -- from 11
       '' as moving_modify, -- before 11
       a.aggminitval as moving_initial,
       case when a.aggsortop <> 0 then array[son.nspname::text, so.oprname::text] end as sort_operator,
       p.proparallel::text as parallel
  from pg_catalog.pg_aggregate as a
  join pg_catalog.pg_proc as p on p.oid = a.aggfnoid
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  left join functions as tf on tf.oid = a.aggtransfn
  left join functions as ff on ff.oid = a.aggfinalfn
  left join functions as cf on cf.oid = a.aggcombinefn
  left join functions as sf on sf.oid = a.aggserialfn
  left join functions as df on df.oid = a.aggdeserialfn
  left join functions as mt on mt.oid = a.aggmtransfn
  left join functions as mi on mi.oid = a.aggminvtransfn
  left join functions as mf on mf.oid = a.aggmfinalfn
  left join pg_catalog.pg_operator as so on so.oid = a.aggsortop
  left join pg_catalog.pg_namespace as son on son.oid = so.oprnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, p.proname, args
