-- What the source says of tables that are locked, as JSON, in their order: the
-- columns that a copy carries, as "name" type, in order and without generated ones;
-- whether the publication has the table, by oid, so that one that took another's
-- name is told from it; the length of its file, which is no estimate.
-- to_jsonb lets one text serve servers before 12, which have no attgenerated.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html
select pg_catalog.json_build_object(
         'block_size', pg_catalog.current_setting('block_size')::pg_catalog.int8,
         'version', pg_catalog.current_setting('server_version_num')::pg_catalog.int8,
         'tables', pg_catalog.json_agg(pg_catalog.json_build_object(
           'columns',
           (select coalesce(pg_catalog.string_agg(
                     '"' || pg_catalog.replace(a.attname, '"', '""') || '" ' || pg_catalog.format_type(a.atttypid, a.atttypmod),
                     ', ' order by a.attnum), '')
            from pg_catalog.pg_attribute a
            where a.attrelid = t.id
              and a.attnum > 0
              and not a.attisdropped
              and coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') = ''),
           'published',
           exists (select from pg_catalog.pg_publication_rel r
                   join pg_catalog.pg_publication p on p.oid = r.prpubid
                   where p.pubname = t.publication and r.prrelid = t.id),
           'bytes', pg_catalog.pg_relation_size(t.id)) order by t.n))
from (select u.name::pg_catalog.regclass as id, u.publication, u.n
      from rows from (pg_catalog.json_to_recordset($1::pg_catalog.json) as (name pg_catalog.text, publication pg_catalog.text))
           with ordinality as u (name, publication, n)) as t
