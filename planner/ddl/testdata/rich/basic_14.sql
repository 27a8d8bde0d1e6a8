-- What came with PostgreSQL 13 and 14.
create table app.compressed (a text compression pglz, b text); -- lz4 is not built into every server
create function app.atomic(a integer) returns bigint language sql stable
  begin atomic
    select count(*) from app.z_first where doubled > app.twice(a);
    select 2::bigint;
  end;
create procedure app.atomic_work(a integer, out b integer) language sql
  begin atomic
    insert into app.plain_table values (a);
    select 1;
  end;
comment on procedure app.atomic_work(integer, out integer) is 'with an out argument';
create view app.with_atomic as select app.atomic(1) as n;
