-- Files that functions in C can come from, for roles that may list a directory of the server.
-- https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE
select pg_catalog.regexp_replace(f.name, '\.(so|dylib|dll)$', '') as library
  from pg_catalog.pg_config() as c
 cross join lateral pg_catalog.pg_ls_dir(c.setting, true, false) as f (name)
 where c.name = 'PKGLIBDIR'
   and f.name ~ '\.(so|dylib|dll)$'
 order by library
