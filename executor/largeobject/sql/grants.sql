-- Privileges on large objects where they are not the default, as planner/introspect/sql/grants.sql reads those of other
-- objects. https://www.postgresql.org/docs/current/ddl-priv.html
select a.oid,
       a.revoked_from_owner,
       '' as "column",
       case when i.grantee <> 0 then pg_catalog.pg_get_userbyid(i.grantee)::text else '' end collate "C" as grantee,
       coalesce(i.privilege_type, '') as privilege,
       coalesce(i.is_grantable, false) as grantable,
       case when i.grantor <> a.owner then pg_catalog.pg_get_userbyid(i.grantor)::text else '' end collate "C"
         as from_others
  from (
         select m.oid, m.lomowner as owner, m.lomacl as acl,
                pg_catalog.acldefault('L', m.lomowner) as base,
                exists (
                  select from pg_catalog.aclexplode(pg_catalog.acldefault('L', m.lomowner)) as b
                   where not exists (
                           select from pg_catalog.aclexplode(m.lomacl) as x
                            where x.grantee = b.grantee and x.privilege_type = b.privilege_type
                         )
                ) as revoked_from_owner
           from pg_catalog.pg_largeobject_metadata as m
          where m.oid = any ($1::bigint[]::oid[])
            and m.lomacl is not null
       ) as a
  left join lateral (
         select x.grantor, x.grantee, x.privilege_type, x.is_grantable
           from pg_catalog.aclexplode(a.acl) as x
          where a.revoked_from_owner
             or not exists (
                  select from pg_catalog.aclexplode(a.base) as b
                   where (b.grantor, b.grantee, b.privilege_type, b.is_grantable)
                         = (x.grantor, x.grantee, x.privilege_type, x.is_grantable)
                )
       ) as i on true
 order by a.oid, grantee, privilege, grantable, from_others
