-- Functions, procedures and window functions. A range type's constructors belong to it (deptype i).
-- https://www.postgresql.org/docs/current/catalog-pg-proc.html
select p.oid,
       n.nspname::text as schema,
       p.proname::text as name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as args,
       pg_catalog.pg_get_userbyid(p.proowner)::text as owner,
       coalesce(d.description, '') as comment,
       l.lanname::text as language,
       p.prokind = 'p' as procedure, -- from 11
       false as procedure, -- before 11
       pg_catalog.pg_get_functiondef(p.oid) as definition,
       coalesce(p.probin, '') as library
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  join pg_catalog.pg_language as l on l.oid = p.prolang
  left join pg_catalog.pg_description as d
    on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and p.prokind <> 'a' -- from 11
   and not p.proisagg -- before 11
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid and e.deptype in ('e', 'i')
       )
 order by n.nspname, p.proname, args
