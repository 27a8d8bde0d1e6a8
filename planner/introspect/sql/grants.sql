-- Privileges of whatever has an ACL that differs from the server's own default (acldefault): a row for each privilege,
-- one without a privilege where only something was revoked. The schema public is there before, with privileges of the
-- public's that are others from 15 on: all of them are said, after a revoke.
-- https://www.postgresql.org/docs/current/ddl-priv.html
with acls as (
  select 'pg_catalog.pg_namespace'::pg_catalog.regclass as class, n.oid as object, '' as "column",
         n.nspowner as owner,
         case when n.nspname = 'public' then coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
              else n.nspacl end as acl,
         pg_catalog.acldefault('n', n.nspowner) as base,
         n.nspname = 'public' as open
    from pg_catalog.pg_namespace as n
   where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, '', c.relowner, c.relacl,
         pg_catalog.acldefault(case when c.relkind = 'S' then 's' else 'r' end::"char", c.relowner), false
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, a.attname::text, c.relowner, a.attacl,
         null::pg_catalog.aclitem[], false
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
     and not a.attisdropped
   union all
  select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, '', p.proowner, p.proacl,
         pg_catalog.acldefault('f', p.proowner), false
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
   where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   union all
  select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, '', t.typowner, t.typacl,
         pg_catalog.acldefault('T', t.typowner), false
    from pg_catalog.pg_type as t
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
   where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   union all
  select 'pg_catalog.pg_language'::pg_catalog.regclass, l.oid, '', l.lanowner, l.lanacl,
         pg_catalog.acldefault('l', l.lanowner), false
    from pg_catalog.pg_language as l
   union all
  select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid, '', f.fdwowner, f.fdwacl,
         pg_catalog.acldefault('F', f.fdwowner), false
    from pg_catalog.pg_foreign_data_wrapper as f
   union all
  select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, '', s.srvowner, s.srvacl,
         pg_catalog.acldefault('S', s.srvowner), false
    from pg_catalog.pg_foreign_server as s
)
select a.class::oid as class,
       a.object,
       a.revoked_from_public,
       a.revoked_from_owner,
       a."column" collate "C" as "column",
       case when i.grantee <> 0 then pg_catalog.pg_get_userbyid(i.grantee)::text else '' end collate "C" as grantee,
       coalesce(i.privilege_type, '') as privilege,
       coalesce(i.is_grantable, false) as grantable,
       case when i.grantor <> a.owner then pg_catalog.pg_get_userbyid(i.grantor)::text else '' end collate "C"
         as from_others
  from (
         select s.*,
                s.open or exists (
                  select from pg_catalog.aclexplode(s.base) as b
                   where b.grantee = 0
                     and not exists (
                           select from pg_catalog.aclexplode(s.acl) as x
                            where x.grantee = 0 and x.privilege_type = b.privilege_type
                         )
                ) as revoked_from_public,
                exists (
                  select from pg_catalog.aclexplode(s.base) as b
                   where b.grantee = s.owner
                     and not exists (
                           select from pg_catalog.aclexplode(s.acl) as x
                            where x.grantee = b.grantee and x.privilege_type = b.privilege_type
                         )
                ) as revoked_from_owner
           from acls as s
          where s.acl is not null
       ) as a
  left join lateral (
         select x.grantor, x.grantee, x.privilege_type, x.is_grantable
           from pg_catalog.aclexplode(a.acl) as x
          where not exists (
                  select from pg_catalog.aclexplode(a.base) as b
                   where (b.grantor, b.grantee, b.privilege_type, b.is_grantable)
                         = (x.grantor, x.grantee, x.privilege_type, x.is_grantable)
                     and not (b.grantee = 0 and a.revoked_from_public)
                     and not (b.grantee = a.owner and a.revoked_from_owner)
                )
       ) as i on true
 order by a.class, a.object, "column", grantee, privilege, grantable, from_others
