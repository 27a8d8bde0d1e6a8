-- Owners and privileges of every kind that has them. The roles are made by the test.
create schema closed;
create schema "Op""en; --" authorization "sluice ""owner""; --";
create type closed.status as enum ('a');
create domain closed.amount as integer check (value > 0);
create sequence closed.numbers;
create table closed.plain (id serial primary key, "Col""umn" text, c integer generated always as identity);
create table closed.untouched (id integer);
create table closed.all_revoked (id integer);
create table closed.chain (id integer, b integer);
create table "Op""en; --"."Ta""ble; --" (id integer, "sp ace" text);
create view closed.v as select p.id from closed.plain as p join closed.chain as c using (id);
create materialized view closed.m as select p.id from closed.plain as p join closed.chain as c using (id);
create function closed.f(a integer, b text default 'x') returns integer language sql as 'select 1';
create function closed.to_nobody() returns integer language sql as 'select 1';
create procedure closed.p(a integer) language plpgsql as 'begin end';
create function closed.events() returns event_trigger language plpgsql as 'begin end';
create event trigger "access""; --" on ddl_command_end execute function closed.events();
create publication access_publication for table closed.plain;
create extension hstore with schema closed;

-- Owners. An event trigger's must be a superuser.
alter schema closed owner to "sluice other";
alter type closed.status owner to "sluice other";
alter domain closed.amount owner to "sluice ""owner""; --";
alter sequence closed.numbers owner to "sluice other";
alter table closed.plain owner to "sluice ""owner""; --"; -- with its sequences
alter table closed.chain owner to "sluice other";
alter table closed.all_revoked owner to "sluice other";
alter table "Op""en; --"."Ta""ble; --" owner to "sluice other";
alter view closed.v owner to "sluice other";
alter materialized view closed.m owner to "sluice ""owner""; --";
alter function closed.f owner to "sluice other";
alter procedure closed.p owner to "sluice ""owner""; --";
alter event trigger "access""; --" owner to "sluice super";
alter publication access_publication owner to "sluice other";

-- Privileges.
grant usage on schema closed to public;
grant all on schema closed to "sluice reader" with grant option;
grant create on schema "Op""en; --" to "sluice reader";
revoke usage on schema "Op""en; --" from "sluice ""owner""; --";
grant usage on type closed.status to "sluice reader" with grant option;
revoke usage on type closed.status from public;
revoke all on domain closed.amount from public, "sluice ""owner""; --";
grant usage, select on sequence closed.numbers to "sluice reader";
grant usage on sequence closed.plain_id_seq to public;
grant select on sequence closed.plain_c_seq to "sluice reader"; -- of an identity column
revoke update on sequence closed.plain_c_seq from "sluice ""owner""; --";
grant select, insert on closed.plain to "sluice reader";
grant update on closed.plain to "sluice reader" with grant option;
grant references ("Col""umn"), select ("Col""umn") on closed.plain to "sluice other";
grant insert (id) on closed.plain to public;
grant select (tableoid) on closed.plain to "sluice member";
revoke truncate on closed.plain from "sluice ""owner""; --";
revoke all on closed.all_revoked from "sluice other";
grant all on "Op""en; --"."Ta""ble; --" to "sluice ""owner""; --";
grant select on closed.v to public;
grant delete on closed.v to "sluice reader";
grant select on closed.m to "sluice reader";
grant execute on function closed.f(integer, text) to "sluice reader" with grant option;
revoke execute on function closed.f(integer, text) from public;
revoke all on function closed.to_nobody() from public, postgres;
grant execute on procedure closed.p(integer) to "sluice member";

-- A chain: who has the grant option gives it on, in an order that no sorting finds.
grant select on closed.chain to "sluice reader" with grant option;
grant insert (b) on closed.chain to "sluice reader" with grant option;
set role "sluice reader";
grant select on closed.chain to "sluice deputy" with grant option;
grant select (b) on closed.chain to "sluice member"; -- by the grant option of the whole
grant insert (b) on closed.chain to "sluice member" with grant option;
set role "sluice deputy";
grant select on closed.chain to "sluice another";
set role "sluice member";
grant insert (b) on closed.chain to "sluice another";
reset role;
grant select on closed.chain to "sluice another" with grant option; -- by two
revoke create on schema public from public;

-- Default privileges.
alter default privileges for role "sluice ""owner""; --" in schema "Op""en; --" grant select, insert on tables to "sluice reader";
alter default privileges for role "sluice ""owner""; --" in schema "Op""en; --" grant select on tables to "sluice other" with grant option;
alter default privileges for role "sluice ""owner""; --" grant usage on sequences to public;
alter default privileges for role "sluice other" revoke execute on functions from public;
alter default privileges for role "sluice other" grant execute on functions to "sluice reader";
alter default privileges for role "sluice other" revoke all on types from "sluice other", public;
alter default privileges for role "sluice other" revoke truncate on tables from "sluice other";
alter default privileges for role "sluice other" grant usage on schemas to "sluice reader" with grant option;
alter default privileges in schema closed grant execute on functions to "sluice reader";
