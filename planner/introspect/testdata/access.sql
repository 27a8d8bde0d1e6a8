-- What is about access, or about the whole database, in words that every major since 12 writes back the same way.
create schema a;
create extension citext schema a;
comment on extension citext is 'Not the default comment';
create extension hstore schema a;
create table a.t (id int primary key, "Col""umn" a.citext);
create table a."Ta""ble" (id int);
create function a.ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger watch on ddl_command_end execute function a.ddl();
alter event trigger watch disable;
comment on event trigger watch is 'Watches';
create event trigger "tag""ged" on sql_drop when tag in ('DROP TABLE', 'DROP VIEW') execute function a.ddl();
create publication everything for all tables with (publish = '');
create publication "so""me" for table a.t, a."Ta""ble" with (publish = 'insert, truncate');
comment on publication "so""me" is 'Of two';
create publication nothing;
alter default privileges in schema a grant select on tables to public;
alter default privileges grant select on sequences to public;
alter default privileges revoke execute on functions from public;
insert into pg_catalog.pg_seclabel values
  ('a.t'::regclass, 'pg_class'::regclass, 0, 'provider', 'secret'),
  ('a.t'::regclass, 'pg_class'::regclass, 2, 'provider', 'top ''secret'''),
  ('a'::regnamespace, 'pg_namespace'::regclass, 0, 'another "provider"', 'secret'),
  ('a.ddl'::regproc, 'pg_proc'::regclass, 0, 'provider', 'secret'),
  ('a.citext'::regtype, 'pg_type'::regclass, 0, 'provider', 'of an extension''s member'),
  ('pg_class'::regclass, 'pg_class'::regclass, 0, 'provider', 'of the system');
select lo_create(0), lo_create(0);
