-- Objects that need each other, each circle in a schema of its own, for PostgreSQL 12 and later.

-- A function that returns a view's rows and that the view calls.
create schema returned;
create view returned.v as select 1 as a, 'x'::text collate "C" as b;
create function returned.f() returns setof returned.v language sql stable as $$ select 2, 'y' $$;
create or replace view returned.v as select f.a, f.b from returned.f() as f;

-- Two views, each of which reads the other, with everything that a view has.
create schema "Vi""ews.x; --";
create type "Vi""ews.x; --".mood as enum ('good', 'bad');
create view "Vi""ews.x; --"."A ""1" as select 1 as a, null::"Vi""ews.x; --".mood as "B ""b";
create view "Vi""ews.x; --".second with (security_barrier) as select * from "Vi""ews.x; --"."A ""1";
create or replace view "Vi""ews.x; --"."A ""1" with (security_barrier = true) as
  select s.a, s."B ""b" from "Vi""ews.x; --".second as s where false union all select 7, 'good';
alter view "Vi""ews.x; --"."A ""1" alter a set default 5, alter "B ""b" set default 'bad';
alter view "Vi""ews.x; --".second alter a set default 6;
comment on view "Vi""ews.x; --"."A ""1" is 'the ''first''';
comment on view "Vi""ews.x; --".second is 'the second';
comment on column "Vi""ews.x; --"."A ""1"."B ""b" is 'a \ column';
comment on column "Vi""ews.x; --".second.a is 'another';
grant select ("B ""b") on "Vi""ews.x; --"."A ""1" to public;

-- A view whose column's default calls a function over the view's rows; three views around one function.
create schema row_type;
create view row_type.v as select 1 as a;
create function row_type.f(row_type.v) returns integer language sql immutable as $$ select $1.a $$;
create view row_type.above as select row_type.f(v) as f, v.a from row_type.v as v;
create or replace view row_type.v as select o.a from row_type.above as o where o.f > 0;
alter view row_type.v alter a set default row_type.f(null::row_type.v);
create trigger instead instead of insert on row_type.v for each row execute function suppress_redundant_updates_trigger();

-- A table whose default calls a function over its own rows, and one that calls the other's.
create schema defaults;
create table defaults.t (id integer primary key, a integer, b text not null default 'plain', c integer generated always as (a * 2) stored);
create function defaults.of_row(defaults.t) returns integer language sql immutable as $$ select 42 $$;
alter table defaults.t alter a set default defaults.of_row(null::defaults.t);
create table defaults.x (id integer primary key, v integer);
create table defaults.y (id integer primary key, v integer);
create function defaults.of_x(defaults.x) returns integer language sql immutable as $$ select 1 $$;
create function defaults.of_y(defaults.y) returns integer language sql immutable as $$ select 2 $$;
alter table defaults.x alter v set default defaults.of_y(null::defaults.y);
alter table defaults.y alter v set default defaults.of_x(null::defaults.x);
insert into defaults.t (id) values (1), (2);
insert into defaults.x (id) values (1);
insert into defaults.y (id) values (1);
create table defaults.parts (id integer primary key, v integer) partition by list (id);
create table defaults.parts_1 partition of defaults.parts for values in (1);
create function defaults.of_parts(defaults.parts) returns integer language sql immutable as $$ select 3 $$;
alter table defaults.parts alter v set default defaults.of_parts(null::defaults.parts);
alter table defaults.parts_1 alter v set default defaults.of_parts(null::defaults.parts);
insert into defaults.parts (id) values (1);
create sequence defaults.numbers;
create table defaults.numbered (id integer primary key, b integer);
alter sequence defaults.numbers owned by defaults.numbered.id;
create function defaults.next(defaults.numbered) returns bigint language sql as $$ select nextval('defaults.numbers') $$;
alter table defaults.numbered alter id set default nextval('defaults.numbers'), alter b set default defaults.next(null::defaults.numbered);

-- A check whose function takes the table's rows, or reads the table.
create schema checks;
create table checks.t (a integer primary key, b integer);
create function checks.positive(checks.t) returns boolean language sql immutable as $$ select $1.a > 0 $$;
alter table checks.t add constraint positive check (checks.positive(t));
create index by_row on checks.t ((checks.positive(t)));
create function checks.many() returns integer language sql stable as $$ select count(*)::integer from checks.t $$;
alter table checks.t alter b set default checks.many();
insert into checks.t (a) values (1), (2);
create function checks.of_policy(checks.t) returns boolean language sql stable as $$ select $1.b is null $$;
create policy by_row on checks.t using (checks.of_policy(t));

-- A domain whose check and default call functions over the domain: for ever, if there were a value.
create schema domains;
create domain domains.d as integer;
create function domains.valid(domains.d) returns boolean language sql immutable as $$ select $1::integer > 0 $$;
create function domains.first() returns domains.d language sql immutable as $$ select 1::domains.d $$;
alter domain domains.d add constraint "Val""id" check (domains.valid(value));
alter domain domains.d set default domains.first();
alter domain domains.d set not null;
comment on domain domains.d is 'a domain';
comment on constraint "Val""id" on domain domains.d is 'by function';
create table domains.t (id integer primary key, d domains.d);
create domain domains.listed as integer default 3;
create function domains.any(domains.listed[]) returns boolean language sql immutable as $$ select true $$;
alter domain domains.listed add check (domains.any('{}'));
create table domains.u (id integer primary key, d domains.listed);
insert into domains.u (id) values (1);

-- Types and the functions that they are made of.
create schema bases;
set check_function_bodies = off;
create type bases.b;
create function bases.b_in(cstring) returns bases.b language internal immutable strict as 'int4in';
create function bases.b_out(bases.b) returns cstring language internal immutable strict as 'int4out';
create function bases.b_recv(internal) returns bases.b language internal immutable strict as 'int4recv';
create function bases.b_send(bases.b) returns bytea language internal immutable strict as 'int4send';
create type bases.b (input = bases.b_in, output = bases.b_out, receive = bases.b_recv, send = bases.b_send,
  internallength = 4, passedbyvalue, alignment = int4);
create function bases.less(bases.b, bases.b) returns boolean language internal immutable strict as 'int4lt';
create function bases.compare(bases.b, bases.b) returns integer language internal immutable strict as 'btint4cmp';
create operator bases.< (function = bases.less, leftarg = bases.b, rightarg = bases.b);
create function bases.same(bases.b, bases.b) returns boolean language internal immutable strict as 'int4eq';
create operator bases.= (function = bases.same, leftarg = bases.b, rightarg = bases.b, commutator = operator(bases.=));
create operator class bases.b_ops default for type bases.b using btree as
  operator 1 bases.<, operator 3 bases.=, function 1 bases.compare(bases.b, bases.b);
create table bases.t (id integer primary key, b bases.b, many bases.b[]);
insert into bases.t values (1, '7', '{1,2}');
create type bases.r;
create function bases.canonical(bases.r) returns bases.r language internal immutable strict as 'int4range_canonical';
create type bases.r as range (subtype = integer, canonical = bases.canonical, subtype_diff = int4range_subdiff);
create table bases.ranges (id integer primary key, r bases.r);
reset check_function_bodies;
comment on type bases.b is 'a base';
comment on type bases.r is 'a range';

-- Tables that refer to each other.
create schema keys;
create table keys.a (id integer primary key, b integer);
create table keys.b (id integer primary key, c integer, a integer references keys.a);
create table keys.c (id integer primary key, a integer references keys.a deferrable initially deferred);
alter table keys.a add foreign key (b) references keys.b;
alter table keys.b add foreign key (c) references keys.c;
begin;
insert into keys.a values (1, null);
insert into keys.c values (1, 1);
insert into keys.b values (1, 1, 1);
update keys.a set b = 1;
commit;

-- A view that its key completes, and what stands on it.
create schema grouped;
create table grouped.t (id integer primary key, name text, n integer);
create table grouped.u (id integer primary key, t integer references grouped.t);
create view grouped.v as select t.id, t.name, count(u.*) as n from grouped.t as t left join grouped.u as u on u.t = t.id group by t.id;
create view grouped.above as select v.id, v.n from grouped.v as v;
create materialized view grouped.kept as select id, name, n from grouped.v;
create function grouped.of(grouped.v) returns text language sql stable as $$ select $1.name $$;
create view grouped.called as select grouped.of(v) as name from grouped.v as v;
insert into grouped.t values (1, 'x', 2);
insert into grouped.u values (1, 1), (2, 1);
refresh materialized view grouped.kept;

-- A composite type with a domain whose check takes it.
create schema pairs;
create type pairs.pair as (a integer, b integer);
create domain pairs.ordered as pairs.pair;
create function pairs.sorted(pairs.pair) returns boolean language sql immutable as $$ select $1.a < $1.b $$;
alter domain pairs.ordered add check (pairs.sorted(value::pairs.pair));
create table pairs.t (id integer primary key, p pairs.ordered);
insert into pairs.t values (1, (1, 2));
