-- What the database takes on disk: the server looks at each of its files.
-- https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE
select pg_catalog.pg_database_size(d.oid) as bytes
  from pg_catalog.pg_database as d
 where d.datname = pg_catalog.current_database()
   and pg_catalog.has_database_privilege(d.oid, 'connect')
 order by d.oid
