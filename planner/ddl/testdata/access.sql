-- schema
create schema "x";
-- drop:
drop schema "x";
-- owner:
alter schema "x" owner to "new owner";
-- grants:
grant usage on schema "x" to "renamed reader";

-- type
create type "a""b'c\d; drop table x --/*"."x" as enum ();
-- drop:
drop type "a""b'c\d; drop table x --/*"."x";
-- owner:
alter type "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on type "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- domain
create domain "a""b'c\d; drop table x --/*"."x" as text;
-- drop:
drop domain "a""b'c\d; drop table x --/*"."x";
-- owner:
alter domain "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on domain "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- function
…;
-- drop:
drop function "a""b'c\d; drop table x --/*"."x"(a integer);
-- owner:
alter function "a""b'c\d; drop table x --/*"."x"(a integer) owner to "new owner";
-- grants:
grant usage on function "a""b'c\d; drop table x --/*"."x"(a integer) to "renamed reader";

-- procedure
…;
-- drop:
drop procedure "a""b'c\d; drop table x --/*"."x"(a integer);
-- owner:
alter procedure "a""b'c\d; drop table x --/*"."x"(a integer) owner to "new owner";
-- grants:
grant usage on procedure "a""b'c\d; drop table x --/*"."x"(a integer) to "renamed reader";

-- sequence
create sequence "a""b'c\d; drop table x --/*"."x" as bigint
  start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle;
-- drop:
drop sequence "a""b'c\d; drop table x --/*"."x";
-- owner:
alter sequence "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on sequence "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- sequence of a column, which is its table's owner's
create sequence "a""b'c\d; drop table x --/*"."x" as bigint
  start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle;
-- owned by:
alter sequence "a""b'c\d; drop table x --/*"."x" owned by "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"."id";
-- drop:
drop sequence "a""b'c\d; drop table x --/*"."x";
-- grants:
grant usage on sequence "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- view
create view "a""b'c\d; drop table x --/*"."x" as
;
-- drop:
drop view "a""b'c\d; drop table x --/*"."x";
-- owner:
alter view "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on table "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- materialised view
create materialized view "a""b'c\d; drop table x --/*"."x" as

with no data;
-- refresh:
refresh materialized view "a""b'c\d; drop table x --/*"."x";
-- drop:
drop materialized view "a""b'c\d; drop table x --/*"."x";
-- owner:
alter materialized view "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on table "a""b'c\d; drop table x --/*"."x" to "renamed reader";

-- table with an identity sequence
create table "a""b'c\d; drop table x --/*"."x" (
  "id" bigint generated always as identity (sequence name "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle)
);
-- drop:
drop table "a""b'c\d; drop table x --/*"."x";
-- owner:
alter table "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
grant usage on table "a""b'c\d; drop table x --/*"."x" to "renamed reader";
revoke all on sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" from "new owner";
grant usage on sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" to "new owner";

-- table with a chain of grants
create table "a""b'c\d; drop table x --/*"."x" ();
-- drop:
drop table "a""b'c\d; drop table x --/*"."x";
-- owner:
alter table "a""b'c\d; drop table x --/*"."x" owner to "new owner";
-- grants:
revoke all on table "a""b'c\d; drop table x --/*"."x" from public;
revoke all on table "a""b'c\d; drop table x --/*"."x" from "new owner";
grant insert, update on table "a""b'c\d; drop table x --/*"."x" to "a""b'c\d; drop table x --/*";
grant select on table "a""b'c\d; drop table x --/*"."x" to "a""b'c\d; drop table x --/*" with grant option;
grant insert ("a""b'c\d; drop table x --/*"), select ("a""b'c\d; drop table x --/*") on table "a""b'c\d; drop table x --/*"."x" to public;
grant select on table "a""b'c\d; drop table x --/*"."x" to "new owner";
set role "a""b'c\d; drop table x --/*";
grant select on table "a""b'c\d; drop table x --/*"."x" to "deputy" with grant option;
reset role;
set role "a""b'c\d; drop table x --/*";
grant select ("b") on table "a""b'c\d; drop table x --/*"."x" to "another";
reset role;
set role "deputy";
grant select on table "a""b'c\d; drop table x --/*"."x" to "another";
reset role;
set role "nobody";
grant delete on table "a""b'c\d; drop table x --/*"."x" to "nobody knows";
reset role;

-- large object
-- owner:
alter large object 16401 owner to "new owner";
-- grants:
grant usage on large object 16401 to "renamed reader";

