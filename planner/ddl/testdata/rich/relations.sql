-- Tables in families: partitions of many levels, inheritance of every sort.
create schema kin;
create schema "Kin ""2
.x";
create function kin.touch() returns trigger language plpgsql as 'begin return new; end';
create function kin.half(a integer) returns integer language sql immutable as 'select a / 2';
create type kin.region as enum ('eu', 'us', 'it''s');
create domain kin.positive as integer check (value > 0);

-- Partitions by list, range and hash, of expressions, with operator classes and collations, in another order of columns.
create table kin.many (
  id bigint not null, region kin.region not null default 'eu', at timestamptz(3) not null, name text collate "C" default 'x', n kin.positive default 1,
  total integer generated always as (n * 2) stored, tags text[], constraint many_n check (n < 100), constraint "Many ""own" check (name <> '')
) partition by list (region);
create table kin.many_eu partition of kin.many (name default 'eu' not null, constraint eu_only check (n > 1)) for values in ('eu') partition by range (at, kin.half(n));
create table kin.many_eu_1 partition of kin.many_eu for values from (minvalue, minvalue) to ('2024-01-01', 5) partition by hash (id);
create table kin.many_eu_1_0 partition of kin.many_eu_1 for values with (modulus 3, remainder 0);
create table kin.many_eu_1_1 partition of kin.many_eu_1 for values with (modulus 6, remainder 1) with (fillfactor = 60, toast.autovacuum_enabled = false);
create unlogged table kin.many_eu_1_4 partition of kin.many_eu_1 for values with (modulus 6, remainder 4);
create table "Kin ""2
.x"."Part""ition.x" (
  "gone ""too" integer, tags text[], total integer generated always as (n * 2) stored, n kin.positive default 7, name text collate "C" not null, gone integer,
  at timestamptz(3) not null, region kin.region not null, id bigint not null, constraint many_n check (n < 100), constraint "Many ""own" check (name <> ''),
  constraint eu_only check (n > 1), constraint "its ""own" check (id > 0)
);
alter table "Kin ""2
.x"."Part""ition.x" drop gone, drop "gone ""too";
alter table kin.many_eu attach partition "Kin ""2
.x"."Part""ition.x" for values from ('2024-01-01', 5) to ('2025-01-01 00:00+00', maxvalue);
create table kin.many_eu_default partition of kin.many_eu default;
create table kin.many_us partition of kin.many for values in ('us', 'it''s');
create table kin.many_default partition of kin.many default partition by range (name text_pattern_ops, (lower(name)) collate "POSIX" text_ops, (n + 1));
create table kin.many_default_1 partition of kin.many_default for values from ('a''\', minvalue, minvalue) to ('m', 'm', 7);
alter table kin.many add column late date default '2020-01-01' not null;
alter table kin.many_us alter name set storage external, alter name set statistics 55, alter n drop default, alter late set default '2021-01-01';
alter table kin.many_eu alter tags set statistics 5;
alter table kin.many_eu_1_0 alter name set (n_distinct = 7);
comment on table kin.many_eu_1_0 is 'deep';
comment on column kin.many_eu_1_0.late is 'deep, too';
comment on column "Kin ""2
.x"."Part""ition.x".name is 'in its own order';
-- Indexes and keys of partitions under names of their own.
create unique index "Own ""unique" on "Kin ""2
.x"."Part""ition.x" (region, at, id, n);
create index "Own ""index" on "Kin ""2
.x"."Part""ition.x" (name);
create index many_name on kin.many (name);
comment on index "Kin ""2
.x"."Own ""index" is 'attached';
alter table kin.many_us add constraint "Us ""key" unique (name, region);
create index many_half on kin.many (kin.half(n)) where n > 3;
alter table kin.many_us replica identity full;
create trigger on_many after insert on kin.many for each row execute function kin.touch();
create trigger on_deep before update on kin.many_eu_1_0 for each row execute function kin.touch();
alter table kin.many_eu enable row level security;
create table kin.keyed (id bigint, k integer, note text, constraint "Keyed ""p" primary key (id, k)) partition by range (k);
create table kin.keyed_1 (note text, k integer not null, id bigint not null, constraint "Its own ""key" primary key (id, k) with (fillfactor = 70));
alter table kin.keyed attach partition kin.keyed_1 for values from (1) to (10);
create table kin.keyed_2 partition of kin.keyed for values from (10) to (20);
alter table kin.keyed add constraint keyed_note unique (note, k, id);
create table kin.no_columns () ;
create table kin.parted_no_partition (a integer) partition by hash (a, (a + 1));
create table kin.list_null (a integer) partition by list (a);
create table kin.list_null_1 partition of kin.list_null for values in (null, 1, 2);
create table kin.bool_list (a boolean) partition by list (a);
create table kin.bool_true partition of kin.bool_list for values in (true);
create table kin.numbers (n numeric(7,2), d date, i interval) partition by range (n, d, i);
create table kin.numbers_1 partition of kin.numbers for values from (-1.50, '-infinity', '-1 days') to (2.25, 'infinity', maxvalue);

-- Identity columns of partitions, which are the parent's from 17 on.
create table kin.numbered (id bigint generated by default as identity (start 5), k integer not null, primary key (id, k)) partition by list (k);
create table kin.numbered_1 partition of kin.numbered for values in (1) partition by range (id);
create table kin.numbered_1_1 partition of kin.numbered_1 for values from (0) to (100);
create table kin.numbered_2 (k integer not null, id bigint not null);
alter table kin.numbered attach partition kin.numbered_2 for values in (2);
create table kin.serial_ (id serial, k integer) partition by list (k);
create table kin.serial_1 partition of kin.serial_ for values in (1);

-- Inheritance: several parents, merged columns, columns local and inherited, dropped ones on either side.
create table kin.father (a integer not null, gone_too integer, b text default 'father', c numeric(5,2), constraint father_a check (a > 0));
create table kin.mother (c numeric(5,2), d text collate "C" default 'mother' not null, b text default 'father');
create table kin.son (e integer default 5, b text default 'son', gone integer, f integer) inherits (kin.father, kin.mother) with (fillfactor = 66);
alter table kin.son drop gone;
alter table kin.father drop gone_too;
create table kin.daughter () inherits (kin.mother, kin.father);
alter table kin.daughter alter b set default 'daughter', alter c set not null, alter d drop default, alter d set statistics 3;
create table kin.grandson (g integer, a integer not null default 9) inherits (kin.son);
create table kin.of_both (z integer, b text default 'both') inherits (kin.son, kin.daughter);
alter table only kin.daughter alter d set storage external;
alter table kin.father add constraint father_c check (c < 9) no inherit;
alter table kin.son add constraint son_f check (f > 0);
comment on column kin.son.b is 'merged';
comment on column kin.daughter.a is 'inherited';
create index son_b on kin.son (b);
create trigger on_son before insert on kin.son for each row execute function kin.touch();
create table kin.local_and_inherited (x integer, y text);
create table kin.declares_all (y text, x integer, own integer) inherits (kin.local_and_inherited);
create table kin.adopted (own integer, y text default 'adopted', x integer);
alter table kin.adopted inherit kin.local_and_inherited;
create table kin.generated (a integer, g integer generated always as (a * 2) stored, h text default 'h');
create table kin.generated_too (own integer) inherits (kin.generated);
create table kin.generated_adopted (a integer, h text, g integer generated always as (a * 2) stored);
alter table kin.generated_adopted inherit kin.generated;
create table kin.identity_child (i bigint generated always as identity, j integer) inherits (kin.local_and_inherited);
create unlogged table kin.unlogged_child () inherits (kin.local_and_inherited) ;

-- Columns that came to the parent later stand behind the child's own.
create table kin.grown (a integer);
create table kin.grown_child (own integer default 1, own_gone integer, a_2 integer generated by default as identity) inherits (kin.grown);
create table kin.grown_grandchild (k text) inherits (kin.grown_child);
alter table kin.grown add column b text collate "C" default 'late';
alter table kin.grown_child drop own_gone;
alter table kin.grown_child add column last integer;
create table kin.grown_merged (c integer, a integer, b text collate "C" default 'mine') ;
alter table kin.grown_merged inherit kin.grown;
alter table kin.grown add column c integer default 7;
alter table kin.grown add column d varchar(9);
alter table kin.grown_child alter d set storage main, alter d set default 'd';
comment on column kin.grown_child.b is 'came later';
create table kin.second_parent (s integer, t integer not null);
alter table kin.grown_child add column t integer not null, add column s integer;
alter table kin.grown_child inherit kin.second_parent;
create table kin.mixed_generated (h text, a integer, g integer generated always as (a * 2) stored);
alter table kin.mixed_generated inherit kin.generated;
alter table kin.generated add column i integer;
-- Parents that have come apart since.
create table kin.one (x integer default 1, y text default 'y', z integer default 3);
create table kin.two (x integer default 1, y text default 'y', z integer default 3);
create table kin.of_one_and_two (own serial, z integer default 9) inherits (kin.one, kin.two);
alter table only kin.two alter x set default 2;
alter table only kin.one alter y set storage external;
alter table only kin.two alter z drop default;
create unlogged table "Kin ""2
.x"."Out of order, with a name that is as long as a name can be, é" (own integer primary key, "o""wn 2" text) inherits (kin.one)
  with (fillfactor = 71);
alter table kin.one add column "la""te" text collate "POSIX" not null default 'x';
comment on column "Kin ""2
.x"."Out of order, with a name that is as long as a name can be, é"."la""te" is 'late';
create table kin.stored_well (a text, b text);
create table kin.stored_child (b text, c integer) inherits (kin.stored_well);
alter table kin.stored_well alter a set storage external, alter b set storage external;
alter table kin.stored_child alter a set storage extended, alter b set storage extended;
