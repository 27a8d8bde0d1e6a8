-- Tables with what came with PostgreSQL 16: storage in CREATE TABLE, children that are generated in another way.
create table kin.stored (a text storage external, b text storage default);
create table kin.generates (a integer, g integer generated always as (a * 2) stored);
create table kin.generates_otherwise (own integer, g integer generated always as (a * 3) stored) inherits (kin.generates);
create table kin.generates_parts (a integer, g integer generated always as (a * 2) stored) partition by list (a);
create table kin.generates_part partition of kin.generates_parts (g generated always as (a * 5) stored) for values in (1);
