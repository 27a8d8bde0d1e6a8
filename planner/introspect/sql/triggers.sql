-- Triggers that a user created on the relation itself. Until 12 those that a partition has from its parent are
-- internal ones. https://www.postgresql.org/docs/current/catalog-pg-trigger.html
select t.oid,
       n.nspname::text as schema,
       t.tgname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       pg_catalog.pg_get_triggerdef(t.oid) as definition,
       t.tgenabled::text as enabled,
       pn.nspname::text as function_schema,
       p.proname::text as function_name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as function_args
  from pg_catalog.pg_trigger as t
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_proc as p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace as pn on pn.oid = p.pronamespace
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.objsubid = 0
 where not t.tgisinternal
   and t.tgparentid = 0 -- from 13
   and pn.nspname <> 'sluice'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where (e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
                 or e.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and e.objid = t.oid)
            and e.deptype = 'e'
       )
 order by n.nspname, c.relname, t.tgname
