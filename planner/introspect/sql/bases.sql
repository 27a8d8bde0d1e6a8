-- Base types, without the array types that come with every type. A subscript handler is left out where CREATE TYPE
-- would choose it for a type that has elements.
-- https://www.postgresql.org/docs/current/catalog-pg-type.html
select t.oid,
       n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.pg_get_userbyid(t.typowner)::text as owner,
       coalesce(d.description, '') as comment,
       t.typinput::pg_catalog.oid as input,
       t.typoutput::pg_catalog.oid as output,
       t.typreceive::pg_catalog.oid as receive,
       t.typsend::pg_catalog.oid as send,
       t.typmodin::pg_catalog.oid as modifier_in,
       t.typmodout::pg_catalog.oid as modifier_out,
       t.typanalyze::pg_catalog.oid as analyze,
       case when t.typelem <> 0 and t.typlen > 0 and not t.typbyval -- from 14
                 and t.typsubscript = 'pg_catalog.raw_array_subscript_handler'::pg_catalog.regproc then 0 -- from 14
            else t.typsubscript::pg_catalog.oid end as subscript, -- from 14
       0::pg_catalog.oid as subscript, -- before 14
       t.typlen::integer as length,
       t.typbyval as by_value,
       t.typalign::text as alignment,
       t.typstorage::text as storage,
       t.typcategory::text as category,
       t.typispreferred as preferred,
       t.typdefault as "default",
       case when t.typelem = 0 then '' else pg_catalog.format_type(t.typelem, null) end as element,
       t.typdelim::text as delimiter,
       t.typcollation <> 0 as collatable
  from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objsubid = 0
 where t.typtype = 'b'
   and not exists (select from pg_catalog.pg_type as el where el.oid = t.typelem and el.typarray = t.oid)
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, t.typname
