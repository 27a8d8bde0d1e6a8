-- Languages that no extension brought. https://www.postgresql.org/docs/current/catalog-pg-language.html
select l.oid,
       '' as schema,
       l.lanname::text as name,
       pg_catalog.pg_get_userbyid(l.lanowner)::text as owner,
       coalesce(d.description, '') as comment,
       l.lanpltrusted as trusted,
       l.lanplcallfoid::pg_catalog.oid as handler,
       l.laninline::pg_catalog.oid as inline,
       l.lanvalidator::pg_catalog.oid as validator
  from pg_catalog.pg_language as l
  left join pg_catalog.pg_description as d
    on d.objoid = l.oid and d.classoid = 'pg_catalog.pg_language'::pg_catalog.regclass and d.objsubid = 0
 where l.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_language'::pg_catalog.regclass and e.objid = l.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by l.lanname
