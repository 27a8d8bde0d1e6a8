-- What a careless statement would find in place of the server's own: in public, and in a schema that comes before
-- pg_catalog. Whoever calls any of it fails.
create schema evil;
create function evil.fail(what text) returns void language plpgsql as $$
begin raise exception 'evil: % was called', what; end $$;

do $do$
declare s text; f text;
begin
  foreach s in array array['evil', 'public'] loop
    foreach f in array array[
      'quote_ident(text) returns text', 'format_type(oid, integer) returns text', 'now() returns timestamptz',
      'pg_get_viewdef(oid) returns text', 'pg_get_expr(pg_node_tree, oid) returns text', 'pg_get_constraintdef(oid) returns text',
      'pg_get_indexdef(oid) returns text', 'pg_get_functiondef(oid) returns text', 'set_config(text, text, boolean) returns text',
      'current_setting(text) returns text', 'pg_current_wal_lsn() returns pg_lsn', 'pg_table_is_visible(oid) returns boolean',
      'setval(regclass, bigint, boolean) returns bigint', 'nextval(regclass) returns bigint', 'count(integer) returns bigint',
      'obj_description(oid, name) returns text', 'col_description(oid, integer) returns text', 'to_regclass(text) returns regclass',
      'pg_replication_origin_session_setup(text) returns void', 'pg_advisory_lock(bigint) returns void', 'lower(text) returns text',
      'pg_logical_emit_message(boolean, text, text) returns pg_lsn', 'md5(text) returns text', 'unnest(anyarray) returns setof anyelement',
      'generate_series(integer, integer) returns setof integer', 'has_table_privilege(oid, text) returns boolean'] loop
      execute format('create function %I.%s language plpgsql as $$ begin raise exception ''evil: %s was called''; end $$', s, f, f);
    end loop;
    foreach f in array array['text', 'oid', 'name', 'integer', 'bigint', '"char"', 'boolean', 'pg_lsn', 'smallint', 'timestamptz'] loop
      execute format('create function %I.equal(%s, %s) returns boolean language plpgsql as $$ begin raise exception ''evil: = was called''; end $$', s, f, f);
      execute format('create operator %I.= (function = %I.equal, leftarg = %s, rightarg = %s)', s, s, f, f);
      execute format('create function %I.unequal(%s, %s) returns boolean language plpgsql as $$ begin raise exception ''evil: <> was called''; end $$', s, f, f);
      execute format('create operator %I.<> (function = %I.unequal, leftarg = %s, rightarg = %s)', s, s, f, f);
    end loop;
    execute format('create function %I.joined(text, text) returns text language plpgsql as $$ begin raise exception ''evil: || was called''; end $$', s);
    execute format('create operator %I.|| (function = %I.joined, leftarg = text, rightarg = text)', s, s);
    foreach f in array array['int4', 'int8', 'text', 'oid', 'name', 'bool', 'regclass', 'timestamptz', 'bytea'] loop
      execute format('create domain %I.%I as point not null', s, f);
    end loop;
    execute format('create view %I.pg_class as select 1 as oid', s);
    execute format('create view %I.pg_settings as select 1 as name', s);
    execute format('create table %I.pg_publication (id integer primary key)', s);
  end loop;
  -- A cast has no schema: whoever says ::text calls it.
  foreach f in array array['integer', 'bigint', 'oid', 'pg_lsn', 'timestamptz', 'xid', 'regclass', 'smallint', 'double precision', 'interval', 'tid'] loop
    execute format('create function evil.as_text(%s) returns text language plpgsql as $$ begin raise exception ''evil: the cast of %s to text was called''; end $$', f, f);
    execute format('create cast (%s as pg_catalog.text) with function evil.as_text(%s) as assignment', f, f);
  end loop;
end $do$;

create schema "User.s";
create type "User.s".mood as enum ('good', 'it''s \ bad');
create sequence "User.s".numbers increment 7;
create table "User.s".t (
  id bigint primary key default pg_catalog.nextval('"User.s".numbers'), a pg_catalog.text default 'it''s \ a',
  m "User.s".mood default 'it''s \ bad', at timestamp with time zone default '2020-01-02 03:04:05+06', span interval default '1 year -2 days',
  d date default '2020-03-04', f double precision default 0.1, b pg_catalog.bytea default '\xff00', own evil.int4[], n numeric default 1.10,
  many pg_catalog.text[] default '{a,NULL}', gen pg_catalog.text generated always as (a operator(pg_catalog.||) '''\') stored
);
insert into "User.s".t (n) select i from pg_catalog.generate_series(1, 300) as i;
create table "User.s".parts (at timestamp with time zone, d date, v pg_catalog.text, primary key (at, d)) partition by range (at);
create table "User.s".parts_1 partition of "User.s".parts for values from ('2020-01-01 00:00+03') to ('2021-01-01 00:00+03');
insert into "User.s".parts values ('2020-02-03', '2020-02-03', 'x');
create index partly on "User.s".t (a, pg_catalog.lower(a)) where at > '2020-01-02 03:04+05';
create view "User.s".seen as select t.id, t.at + '1 mon -3 days'::interval as later, t.f * 0.3 as g, t.a operator(pg_catalog.=) 'x' as same, t.b
  from "User.s".t as t;
create function "User.s".trap() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger trap before update on "User.s".t for each row when (new.f > 0.1) execute function "User.s".trap();
comment on table "User.s".t is 'it''s \ a table';
