-- Tables with what came with PostgreSQL 18.
create table kin.virtual_ (a integer, v integer generated always as (a * 2) virtual, s integer generated always as (a * 3) stored);
create table kin.virtual_child (own integer) inherits (kin.virtual_);
create table kin.virtual_late (own integer) inherits (kin.virtual_);
alter table kin.virtual_ add column w integer generated always as (a + 1) virtual;
create table kin.virtual_parts (a integer, v integer generated always as (a * 2) virtual) partition by list (a);
create table kin.virtual_part partition of kin.virtual_parts (v generated always as (a * 5) virtual) for values in (1);
