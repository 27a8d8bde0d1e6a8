-- Transforms. https://www.postgresql.org/docs/current/catalog-pg-transform.html
select t.oid,
       '' as schema,
       pg_catalog.format_type(t.trftype, null) as name,
       '' as owner,
       coalesce(d.description, '') as comment,
       l.lanname::text as language,
       t.trffromsql::pg_catalog.oid as from_sql,
       t.trftosql::pg_catalog.oid as to_sql
  from pg_catalog.pg_transform as t
  join pg_catalog.pg_language as l on l.oid = t.trflang
  left join pg_catalog.pg_description as d
    on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_transform'::pg_catalog.regclass and d.objsubid = 0
 where t.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_transform'::pg_catalog.regclass and e.objid = t.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by name, l.lanname
