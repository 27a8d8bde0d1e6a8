-- The columns a copy carries, as "name" type, in order: without generated ones.
-- to_jsonb lets one text serve servers before 12, which have no attgenerated.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html
select coalesce(pg_catalog.string_agg(
         '"' || pg_catalog.replace(a.attname, '"', '""') || '" ' || pg_catalog.format_type(a.atttypid, a.atttypmod),
         ', ' order by a.attnum), '')
from pg_catalog.pg_attribute a
where a.attrelid = $1::text::pg_catalog.regclass
  and a.attnum > 0
  and not a.attisdropped
  and coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') = ''
