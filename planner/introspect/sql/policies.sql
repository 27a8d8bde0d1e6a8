-- Policies of row level security. Role 0 is the public.
-- https://www.postgresql.org/docs/current/catalog-pg-policy.html
select p.oid,
       n.nspname::text as schema,
       p.polname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       p.polcmd::text as command,
       p.polpermissive as permissive,
       array(
         select a.rolname::text
           from pg_catalog.pg_roles as a
          where a.oid = any (p.polroles)
          order by a.rolname::text collate "C"
       ) as roles,
       coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '') as "using",
       coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '') as "check"
  from pg_catalog.pg_policy as p
  join pg_catalog.pg_class as c on c.oid = p.polrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.relname, p.polname
