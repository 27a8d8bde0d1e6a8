-- Extensions that can be created, with the comment that they then have. The server reads its control files for it.
-- https://www.postgresql.org/docs/current/view-pg-available-extension-versions.html
select e.name::text as name,
       coalesce(e.comment, '') as comment,
       pg_catalog.array_agg(v.version::text order by v.version is distinct from e.default_version,
                                                     v.version collate "C") as versions
  from pg_catalog.pg_available_extensions() as e
  join pg_catalog.pg_available_extension_versions() as v on v.name = e.name
 group by e.name, e.comment
 order by e.name
