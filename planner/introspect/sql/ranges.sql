-- Range types. Before 14 there were no multiranges.
-- https://www.postgresql.org/docs/current/catalog-pg-range.html
select t.oid,
       n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.pg_get_userbyid(t.typowner)::text as owner,
       coalesce(d.description, '') as comment,
       pg_catalog.format_type(r.rngsubtype, null) as subtype,
       case when o.opcdefault then '' else os.nspname::text end as class_schema,
       case when o.opcdefault then '' else o.opcname::text end as class_name,
       coalesce(cn.nspname::text, '') as collation_schema,
       coalesce(co.collname::text, '') as collation_name,
       r.rngcanonical::pg_catalog.oid as canonical,
       r.rngsubdiff::pg_catalog.oid as subtype_diff,
       mn.nspname::text as multirange_schema, -- from 14
       m.typname::text as multirange_name -- from 14
       '' as multirange_schema, -- before 14
       '' as multirange_name -- before 14
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
  join pg_catalog.pg_range as r on r.rngtypid = t.oid
  join pg_catalog.pg_type as s on s.oid = r.rngsubtype
  join pg_catalog.pg_opclass as o on o.oid = r.rngsubopc
  join pg_catalog.pg_namespace as os on os.oid = o.opcnamespace
  join pg_catalog.pg_type as m on m.oid = r.rngmultitypid -- from 14
  join pg_catalog.pg_namespace as mn on mn.oid = m.typnamespace -- from 14
  left join pg_catalog.pg_collation as co on co.oid = r.rngcollation and r.rngcollation <> s.typcollation
  left join pg_catalog.pg_namespace as cn on cn.oid = co.collnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objsubid = 0
 where t.typtype = 'r'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, t.typname
