-- Default privileges: what differs from the server's own defaults (acldefault), or, within one schema, what comes on
-- top. A row for each privilege; one without a privilege where only something was revoked.
-- https://www.postgresql.org/docs/current/catalog-pg-default-acl.html
select a.oid,
       coalesce(n.nspname::text, '') as schema,
       pg_catalog.pg_get_userbyid(a.defaclrole)::text as name,
       pg_catalog.pg_get_userbyid(a.defaclrole)::text as owner,
       '' as comment,
       a.kind,
       a.revoked_from_public,
       a.revoked_from_owner,
       '' as "column",
       case when i.grantee <> 0 then pg_catalog.pg_get_userbyid(i.grantee)::text else '' end collate "C" as grantee,
       coalesce(i.privilege_type, '') as privilege,
       coalesce(i.is_grantable, false) as grantable,
       case when i.grantor <> a.defaclrole then pg_catalog.pg_get_userbyid(i.grantor)::text else '' end collate "C"
         as from_others
  from (
         select s.*,
                exists (
                  select from pg_catalog.aclexplode(s.base) as b
                   where b.grantee = 0
                     and not exists (
                           select from pg_catalog.aclexplode(s.defaclacl) as x
                            where x.grantee = 0 and x.privilege_type = b.privilege_type
                         )
                ) as revoked_from_public,
                exists (
                  select from pg_catalog.aclexplode(s.base) as b
                   where b.grantee = s.defaclrole
                     and not exists (
                           select from pg_catalog.aclexplode(s.defaclacl) as x
                            where x.grantee = b.grantee and x.privilege_type = b.privilege_type
                         )
                ) as revoked_from_owner
           from (
                  select d.oid, d.defaclrole, d.defaclnamespace, d.defaclacl,
                         case d.defaclobjtype when 'r' then 'tables'
                                              when 'S' then 'sequences'
                                              when 'f' then 'functions'
                                              when 'T' then 'types'
                                              when 'n' then 'schemas'
                                              when 'L' then 'large objects'
                                              else d.defaclobjtype::text end as kind,
                         case when d.defaclnamespace = 0
                              then pg_catalog.acldefault(case d.defaclobjtype when 'S' then 's'
                                                                              else d.defaclobjtype end, d.defaclrole)
                              else null::pg_catalog.aclitem[] end as base
                    from pg_catalog.pg_default_acl as d
                ) as s
       ) as a
  left join pg_catalog.pg_namespace as n on n.oid = a.defaclnamespace
  left join lateral (
         select x.grantor, x.grantee, x.privilege_type, x.is_grantable
           from pg_catalog.aclexplode(a.defaclacl) as x
          where not exists (
                  select from pg_catalog.aclexplode(a.base) as b
                   where (b.grantor, b.grantee, b.privilege_type, b.is_grantable)
                         = (x.grantor, x.grantee, x.privilege_type, x.is_grantable)
                     and not (b.grantee = 0 and a.revoked_from_public)
                     and not (b.grantee = a.defaclrole and a.revoked_from_owner)
                )
       ) as i on true
 where coalesce(n.nspname, '') <> 'sluice'
 order by schema, name, a.kind, grantee, privilege, grantable, from_others
