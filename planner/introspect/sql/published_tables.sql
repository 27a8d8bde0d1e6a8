-- Tables of publications that name them, each by itself.
-- https://www.postgresql.org/docs/current/catalog-pg-publication-rel.html
select r.prpubid as publication,
       n.nspname::text as schema,
       c.relname::text as name,
       array(
         select a.attname::text -- from 15
           from pg_catalog.pg_attribute as a -- from 15
          where a.attrelid = c.oid and a.attnum = any (r.prattrs::smallint[]) -- from 15
          order by a.attnum -- from 15
         select null::text where false -- before 15
       ) as columns,
       coalesce(pg_catalog.pg_get_expr(r.prqual, r.prrelid), '') as where -- from 15
       '' as where -- before 15
  from pg_catalog.pg_publication_rel as r
  join pg_catalog.pg_class as c on c.oid = r.prrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname <> 'sluice'
 order by r.prpubid, n.nspname::text collate "C", c.relname::text collate "C"
