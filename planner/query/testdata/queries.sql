create schema q;
create type q.mood as enum ('good', 'bad');
create type q.pair as (x integer, y text);
create function q.twice(integer) returns integer language sql immutable as 'select $1 * 2';
create function q.pairs() returns setof q.pair language sql as $$ select 1, 'x'::text $$;
create table q.a (id integer primary key, t text, n numeric(9,2), at timestamptz, tags text[], mood q.mood, p q.pair, j jsonb,
  "Mixed ""Case" integer, "select" text, a integer, "true" integer, q integer);
create table q.b (id integer, t text, a_id integer, "order" integer);
create table q.q (q integer, mood q.mood);
create table q."Od""d.name" ("Col.umn" integer, id integer);
create domain q.text as text;
create function q.lower(text) returns text language sql immutable as 'select $1';
create collation q."C" (locale = 'C');
create function q.plus(integer, integer) returns integer language sql immutable as 'select 1';
create operator q.+ (leftarg = integer, rightarg = integer, function = q.plus);
