-- One of each kind that pg_dump knows and sluice does not carry over.
create schema o;

create type o.composite as (a int, b text);

create aggregate o.sum2(int) (sfunc = int4pl, stype = int, initcond = '0');
create aggregate o.sum2(bigint) (sfunc = int8pl, stype = bigint, initcond = '0');
create function o.op(int, text) returns boolean language sql immutable as 'select true';
create operator o.=== (leftarg = int, rightarg = text, function = o.op);
create operator o.### (rightarg = text, function = length);
create operator family o.family using btree;
create operator class o.class for type int using btree as
  operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(int, int);
create function o.compare(int, text) returns int language sql immutable as 'select 1';
alter operator family pg_catalog.integer_ops using btree add function 1 (int, text) o.compare(int, text);
create function o.cast_it(o.composite) returns text language sql immutable as 'select $1.b';
create cast (o.composite as text) with function o.cast_it(o.composite);
create collation o.german (locale = 'C');
create conversion o.conversion for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;

create text search parser o.parser
  (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search template o.template (lexize = dsimple_lexize);
create text search dictionary o.dictionary (template = pg_catalog.simple);
create text search configuration o.configuration (copy = pg_catalog.simple);

create table o.t (a int, b int, c text);
create view o.v as select t.a, t.b from o.t join o.t u using (a);
alter view o.v alter column a set default 7;
comment on column o.v.a is 'A comment of a view''s column';
create rule into_t as on insert to o.v do instead insert into o.t values (new.a);
create table o.typed of o.composite (a default 1, primary key (a), constraint small check (a < 9));
create index typed_b on o.typed (b);
create statistics o.of_typed on a, b from o.typed;
create policy of_typed on o.typed;
create rule of_typed as on delete to o.typed do instead nothing;
create function o.trigger() returns trigger language plpgsql as 'begin return new; end';

create foreign data wrapper wrapper;
create server somewhere foreign data wrapper wrapper;
create user mapping for public server somewhere;
create foreign table o.far (a int not null check (a > 0), b text default 'x') server somewhere;
create trigger on_far after insert on o.far execute function o.trigger();

create function o.ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger watch on ddl_command_end execute function o.ddl();
alter event trigger watch disable;
create publication everything for all tables;
create publication just_one for table o.t;
create language mine handler plpgsql_call_handler;
create access method second_heap type table handler heap_tableam_handler;
create transform for int language sql
  (from sql with function prsd_lextype(internal), to sql with function int4recv(internal));
create function o.ddl() returns event_trigger language plpgsql as 'begin end';
create publication everything for all tables;
create publication just_one for table o.t;
alter default privileges in schema o grant select on tables to public;
alter default privileges grant select on sequences to public;
insert into pg_catalog.pg_seclabel values ('o.t'::regclass, 'pg_class'::regclass, 1, 'provider', 'secret');
select lo_create(0), lo_create(0);
