-- The server, the database and who is asking.
-- https://www.postgresql.org/docs/current/functions-info.html
-- https://www.postgresql.org/docs/current/catalog-pg-database.html
-- Managed servers let members of these roles do what elsewhere takes an attribute:
-- https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
select pg_catalog.current_setting('server_version_num')::integer as version,
       pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) as version_text,
       d.datname::text as database,
       pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding,
       d.datcollate::text as collate,
       d.datctype::text as ctype,
       pg_catalog.pg_is_in_recovery() as in_recovery,
       u.rolname::text as "user",
       u.rolsuper as superuser,
       u.rolsuper or u.rolreplication or exists (
         select from pg_catalog.pg_roles as r
          where r.rolname = 'rds_replication' and pg_catalog.pg_has_role(u.oid, r.oid, 'member')
       ) as replication,
       pg_catalog.has_database_privilege(d.oid, 'create') as create_on,
       pg_catalog.has_database_privilege(d.oid, 'temporary') as temporary,
       u.rolsuper
         or pg_catalog.has_parameter_privilege(u.oid, 'session_replication_role', 'set') -- from 15
         or exists (
         select from pg_catalog.pg_roles as r
          where r.rolname = 'rds_superuser' and pg_catalog.pg_has_role(u.oid, r.oid, 'member')
       ) as may_replica_role,
       pg_catalog.pg_has_role(u.oid, d.datdba, 'usage') as database_owner,
       u.rolsuper or u.rolbypassrls as bypass_rls,
       (select pg_catalog.count(*) from pg_catalog.pg_stat_replication) as senders_used,
       array(
         select n.nspname::text
           from pg_catalog.pg_namespace as n
          where n.nspname !~ '^(pg_|information_schema$)'
          order by n.nspname::text collate "C"
       ) as schemas,
       array(
         select r.rolname::text
           from pg_catalog.pg_roles as r
          order by r.rolname::text collate "C"
       ) as roles,
       array(
         select t.spcname::text
           from pg_catalog.pg_tablespace as t
          where t.spcname !~ '^pg_'
          order by t.spcname::text collate "C"
       ) as tablespaces,
       -- '$libdir/plpgsql' without what is before and behind the name
       array(
         select distinct pg_catalog.regexp_replace(p.probin, '^.*/|\.(so|dylib|dll)$', '', 'g')
           from pg_catalog.pg_proc as p
          where p.probin <> ''
       ) as libraries,
       pg_catalog.has_function_privilege('pg_catalog.pg_config()', 'execute')
         and pg_catalog.has_function_privilege('pg_catalog.pg_ls_dir(text, boolean, boolean)', 'execute')
         and (u.rolsuper
              or pg_catalog.pg_has_role(u.oid, 'pg_read_server_files', 'usage') -- from 11
             ) as may_list_libraries
  from pg_catalog.pg_database as d
 cross join pg_catalog.pg_roles as u
 where d.datname = pg_catalog.current_database()
   and u.rolname = current_user
