-- Event triggers, without sluice's own. https://www.postgresql.org/docs/current/catalog-pg-event-trigger.html
select t.oid,
       '' as schema,
       t.evtname::text as name,
       pg_catalog.pg_get_userbyid(t.evtowner)::text as owner,
       coalesce(d.description, '') as comment,
       t.evtevent::text as event,
       t.evttags as tags,
       t.evtenabled::text as enabled,
       n.nspname::text as function_schema,
       p.proname::text as function_name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as function_args
  from pg_catalog.pg_event_trigger as t
  join pg_catalog.pg_proc as p on p.oid = t.evtfoid
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname <> 'sluice'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass and e.objid = t.oid
            and e.deptype = 'e'
       )
 order by t.evtname
