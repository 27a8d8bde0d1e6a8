-- Collations that the database's encoding allows; nobody sees the others. What a locale is called stands in another
-- column before 15, and again before 17. The version is the library's.
-- https://www.postgresql.org/docs/current/catalog-pg-collation.html
select c.oid,
       n.nspname::text as schema,
       c.collname::text as name,
       pg_catalog.pg_get_userbyid(c.collowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.collprovider::text as provider,
       coalesce(j.columns ->> 'colllocale', j.columns ->> 'colliculocale', '') as locale, -- from 15
       case when c.collprovider = 'i' then c.collcollate::text else '' end as locale, -- before 15
       coalesce(c.collcollate, '') as "collate", -- from 15
       coalesce(c.collctype, '') as ctype, -- from 15
       case when c.collprovider = 'i' then '' else c.collcollate::text end as "collate", -- before 15
       case when c.collprovider = 'i' then '' else c.collctype::text end as ctype, -- before 15
       c.collisdeterministic as deterministic, -- from 12
       true as deterministic, -- before 12
       coalesce(c.collicurules, '') as rules, -- from 16
       '' as rules, -- before 16
       coalesce(c.collversion, '') as version
  from pg_catalog.pg_collation as c
  join pg_catalog.pg_namespace as n on n.oid = c.collnamespace
  join pg_catalog.pg_database as db on db.datname = pg_catalog.current_database()
 cross join lateral (select pg_catalog.to_jsonb(c) as columns) as j
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_collation'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and c.collencoding in (-1, db.encoding)
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.collname
