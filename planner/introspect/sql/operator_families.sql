-- Operator families. Their members are in operator_members.sql.
-- https://www.postgresql.org/docs/current/catalog-pg-opfamily.html
select f.oid,
       n.nspname::text as schema,
       f.opfname::text as name,
       a.amname::text as method,
       pg_catalog.pg_get_userbyid(f.opfowner)::text as owner,
       coalesce(d.description, '') as comment
  from pg_catalog.pg_opfamily as f
  join pg_catalog.pg_namespace as n on n.oid = f.opfnamespace
  join pg_catalog.pg_am as a on a.oid = f.opfmethod
  left join pg_catalog.pg_description as d
    on d.objoid = f.oid and d.classoid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass and e.objid = f.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, f.opfname, a.amname
