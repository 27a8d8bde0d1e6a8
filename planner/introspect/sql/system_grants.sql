-- Privileges that somebody gave on what the system or an extension brings, or took away: they are no part of what is
-- carried over. pg_init_privs is what initdb and CREATE EXTENSION gave.
-- https://www.postgresql.org/docs/current/catalog-pg-init-privs.html
select 0::oid as class,
       0::oid as oid,
       'privileges' as kind,
       '' as schema,
       0::oid as relation_oid,
       '' as relation,
       pg_catalog.pg_describe_object(o.class, o.oid, 0) as name,
       '' as args,
       '' as owner,
       '' as comment,
       'on what the server or an extension brings' as reason,
       '' as code
  from (
         select 'pg_catalog.pg_class'::pg_catalog.regclass as class, c.oid, c.relnamespace as schema, c.relacl as acl
           from pg_catalog.pg_class as c
          union all
         select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.pronamespace, p.proacl
           from pg_catalog.pg_proc as p
          union all
         select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typnamespace, t.typacl
           from pg_catalog.pg_type as t
          union all
         select 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, n.oid, n.nspacl
           from pg_catalog.pg_namespace as n
          where n.nspname <> 'public' -- has grants of its own
       ) as o
  join pg_catalog.pg_namespace as n
    on n.oid = o.schema and n.nspname <> 'information_schema' -- of which initdb records nothing
  left join pg_catalog.pg_init_privs as i on i.objoid = o.oid and i.classoid = o.class and i.objsubid = 0
 where o.acl is distinct from i.initprivs
   and (o.acl is not null or o.oid in (select p.objoid from pg_catalog.pg_init_privs as p)) -- few of all that there are
   and (o.oid < 16384 -- FirstNormalObjectId
        or exists (
          select from pg_catalog.pg_depend as e
           where e.classid = o.class and e.objid = o.oid
             and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
        ))
 order by name
