-- What lives in a schema, or on a relation that does, and is not carried over.
-- https://www.postgresql.org/docs/current/catalogs.html
select o.class::oid as class,
       o.oid,
       o.kind,
       o.schema,
       o.relation_oid,
       o.relation,
       o.name,
       o.args,
       case when o.owner = 0 then '' else pg_catalog.pg_get_userbyid(o.owner)::text end as owner,
       coalesce(d.description, '') as comment,
       o.reason,
       '' as code
  from (
         select 'pg_catalog.pg_class'::pg_catalog.regclass as class, c.oid, 'foreign table' as kind,
                n.nspname::text as schema, '' as relation, c.relname::text as name, '' as args, c.relowner as owner,
                0::oid as relation_oid, '' as reason
           from pg_catalog.pg_class as c
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          where c.relkind = 'f'
       ) as o
  left join pg_catalog.pg_description as d on d.objoid = o.oid and d.classoid = o.class and d.objsubid = 0
 where o.schema !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = o.class and e.objid = o.oid and e.deptype = 'e'
       )
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = o.relation_oid and e.deptype = 'e'
       )
 order by o.kind, o.schema, o.relation, o.name, o.args
