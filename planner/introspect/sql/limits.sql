-- What limits how many sessions the role has, and how many there are besides those of a run of ours in the database.
-- Nothing but max_connections limits a superuser. Senders of changes take no place of max_connections from 12 on.
-- Of the sessions of others only the owner is told: each is taken for a client's.
-- https://www.postgresql.org/docs/current/runtime-config-connection.html
with us as (
  select u.oid, u.rolsuper, u.rolconnlimit, d.oid as database, d.datconnlimit,
         pg_catalog.current_setting('server_version_num')::integer < 120000 as old
    from pg_catalog.pg_roles as u
   cross join pg_catalog.pg_database as d
   where u.rolname = session_user
     and d.datname = pg_catalog.current_database()
), sessions as (
  select a.usesysid, a.datid, coalesce(a.backend_type, 'client backend') = 'walsender' as sender
    from pg_catalog.pg_stat_activity as a
   cross join us
   where a.usesysid is not null
     and coalesce(a.backend_type, 'client backend') in ('client backend', 'walsender')
     and (a.usesysid <> us.oid or a.datid is distinct from us.database or a.application_name !~ '^sluice ')
), reserved as (
  select coalesce(pg_catalog.sum(s.setting::integer), 0) as places
    from pg_catalog.pg_settings as s
   cross join us
   where not us.rolsuper
     and (s.name = 'superuser_reserved_connections'
          or s.name = 'reserved_connections' -- from 16
             and not exists (
               select from pg_catalog.pg_roles as r
                where r.rolname = 'pg_use_reserved_connections' and pg_catalog.pg_has_role(us.oid, r.oid, 'usage')
             ))
)
select 'max_connections' as of,
       (pg_catalog.current_setting('max_connections')::integer - reserved.places)::integer as most,
       (select pg_catalog.count(*) from sessions where us.old or not sender)::integer as used
  from us
 cross join reserved
union all
select 'role', us.rolconnlimit, (select pg_catalog.count(*) from sessions where usesysid = us.oid)::integer
  from us
 where us.rolconnlimit >= 0 and not us.rolsuper
union all
select 'database', us.datconnlimit, (select pg_catalog.count(*) from sessions where datid = us.database)::integer
  from us
 where us.datconnlimit >= 0 and not us.rolsuper
 order by 1
