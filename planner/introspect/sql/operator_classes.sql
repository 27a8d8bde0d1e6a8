-- Operator classes. Their members are in operator_members.sql.
-- https://www.postgresql.org/docs/current/catalog-pg-opclass.html
select c.oid,
       n.nspname::text as schema,
       c.opcname::text as name,
       a.amname::text as method,
       pg_catalog.pg_get_userbyid(c.opcowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.format_type(c.opcintype, null) as type,
       c.opcdefault as "default",
       fn.nspname::text as family_schema,
       f.opfname::text as family_name,
       coalesce(pg_catalog.format_type(nullif(c.opckeytype, 0), null), '') as storage
  from pg_catalog.pg_opclass as c
  join pg_catalog.pg_namespace as n on n.oid = c.opcnamespace
  join pg_catalog.pg_am as a on a.oid = c.opcmethod
  join pg_catalog.pg_opfamily as f on f.oid = c.opcfamily
  join pg_catalog.pg_namespace as fn on fn.oid = f.opfnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_opclass'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.opcname, a.amname
