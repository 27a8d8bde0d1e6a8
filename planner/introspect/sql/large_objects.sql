-- Large objects, all as one; no row where there is none.
-- https://www.postgresql.org/docs/current/catalog-pg-largeobject-metadata.html
select pg_catalog.count(*) as count
  from pg_catalog.pg_largeobject_metadata as m
having pg_catalog.count(*) > 0
 order by count
