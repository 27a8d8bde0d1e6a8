-- Owners and privileges as the server itself sees them, without OIDs, in no order.
with roles as (
  select r.rolname from pg_catalog.pg_roles as r where r.rolname like 'sluice%'
), acls as (
  select 'pg_namespace'::regclass as class, n.oid, 0 as sub, n.nspowner as owner, n.nspacl as acl, acldefault('n', n.nspowner) as base
    from pg_catalog.pg_namespace as n where n.nspname !~ '^(pg_|information_schema)'
   union all
  select 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)
    from pg_catalog.pg_class as c where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
   union all
  select 'pg_class'::regclass, a.attrelid, a.attnum, 0, a.attacl, null
    from pg_catalog.pg_attribute as a where a.attrelid >= 16384 and a.attacl is not null
   union all
  select 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner) from pg_catalog.pg_proc as p where p.oid >= 16384
   union all
  select 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    from pg_catalog.pg_type as t where t.oid >= 16384 and t.typnamespace <> 'pg_toast'::regnamespace
   union all
  select 'pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner) from pg_catalog.pg_language as l
   union all
  select 'pg_foreign_data_wrapper'::regclass, f.oid, 0, f.fdwowner, f.fdwacl, acldefault('F', f.fdwowner) from pg_catalog.pg_foreign_data_wrapper as f
   union all
  select 'pg_foreign_server'::regclass, s.oid, 0, s.srvowner, s.srvacl, acldefault('S', s.srvowner) from pg_catalog.pg_foreign_server as s
   union all
  select 'pg_event_trigger'::regclass, e.oid, 0, e.evtowner, null, null from pg_catalog.pg_event_trigger as e
   union all
  select 'pg_publication'::regclass, p.oid, 0, p.pubowner, null, null from pg_catalog.pg_publication as p
)
select line from (
  select format('%s: owner %s, %s', pg_describe_object(a.class, a.oid, a.sub), pg_get_userbyid(a.owner),
           (select string_agg(i.item, ' ' order by i.item)
              from (select format('%s=%s%s/%s', i.grantee::regrole, i.privilege_type, case when i.is_grantable then '*' end, i.grantor::regrole) as item
                      from aclexplode(coalesce(a.acl, a.base)) as i) as i)) as line
    from acls as a
   union all
  select format('%s may %s %s', r.rolname, p.privilege, c.oid::regclass)
    from roles as r cross join pg_catalog.pg_class as c
   cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
   where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and c.relkind in ('r', 'v', 'm')
     and has_table_privilege(r.rolname, c.oid, p.privilege)
   union all
  select format('%s may %s %s.%s', r.rolname, p.privilege, a.attrelid::regclass, a.attname)
    from roles as r cross join pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
   cross join unnest(array['select', 'insert', 'update', 'references']) as p (privilege)
   where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and c.relkind in ('r', 'v', 'm') and not a.attisdropped
     and has_column_privilege(r.rolname, c.oid, a.attnum, p.privilege)
   union all
  select format('%s may execute %s', r.rolname, p.oid::regprocedure)
    from roles as r cross join pg_catalog.pg_proc as p where p.oid >= 16384 and has_function_privilege(r.rolname, p.oid, 'execute')
   union all
  select format('%s may %s %s', r.rolname, p.privilege, n.oid::regnamespace)
    from roles as r cross join pg_catalog.pg_namespace as n cross join unnest(array['create', 'usage']) as p (privilege)
   where n.nspname !~ '^(pg_|information_schema)' and has_schema_privilege(r.rolname, n.oid, p.privilege)
   union all
  select format('default of %s in %s for %s: %s', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype,
           (select string_agg(i::text, ' ' order by i::text) from unnest(d.defaclacl) as i))
    from pg_catalog.pg_default_acl as d
) as l
