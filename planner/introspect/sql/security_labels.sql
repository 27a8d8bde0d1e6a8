-- Security labels, but for those that come with an extension.
-- https://www.postgresql.org/docs/current/catalog-pg-seclabel.html
select l.classoid as class,
       l.objoid as object,
       coalesce(a.attname::text, '') as "column",
       l.provider,
       pg_catalog.pg_describe_object(l.classoid, l.objoid, l.objsubid) as described,
       l.label
  from pg_catalog.pg_seclabel as l
  left join pg_catalog.pg_attribute as a
    on a.attrelid = l.objoid and a.attnum = l.objsubid
   and l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and l.objsubid <> 0
 order by l.provider, described
