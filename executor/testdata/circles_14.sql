-- Circles of what came with PostgreSQL 14: bodies in standard SQL, whose needs the server knows.
create schema bodies;
create table bodies.t (id integer primary key, a integer, b integer);
create function bodies.total() returns bigint language sql stable begin atomic select sum(t.a) from bodies.t as t; end;
alter table bodies.t alter b set default bodies.total();
insert into bodies.t (id, a) values (1, 5);
create view bodies.v as select 1 as a;
create function bodies.f() returns setof bodies.v language sql stable begin atomic select v.a from bodies.v as v; end;
create or replace view bodies.v as select f.a from bodies.f() as f where false;
create view bodies.w as select t.id, t.a, count(*) as n from bodies.t as t group by t.id; -- needs the key
create function bodies.of_key(integer) returns bigint language sql stable begin atomic select w.n from bodies.w as w where w.id = $1; end;
create function bodies.grouped() returns table (id integer, a integer) language sql stable
  begin atomic select t.id, t.a from bodies.t as t group by t.id; end;
create procedure bodies.write(integer) language sql begin atomic
  insert into bodies.t values ($1, 1) on conflict (id) do update set a = excluded.a;
  insert into bodies.t values ($1, 1) on conflict on constraint t_pkey do nothing;
end;
create view bodies.calls as select g.id, g.a, bodies.of_key(g.id) as n from bodies.grouped() as g;
create view bodies.x as select null::integer as a;
create function bodies.even(bodies.x) returns boolean language sql immutable return $1.a % 2 = 0;
create function bodies.odd(bodies.x) returns boolean language sql immutable return not bodies.even($1);
create or replace view bodies.x as select y.a from (select 3 as a) as y where bodies.odd(row(y.a)::bodies.x);
