-- What came with PostgreSQL 18.
create table keys.not_null (a integer constraint told not null, "B ""b" integer constraint "Not ""null; WHERE" not null,
  c integer not null no inherit, d integer constraint told_d not null no inherit, e integer, f integer, g integer not null, h integer not null);
alter table keys.not_null add constraint later not null e not valid;
alter table keys.not_null add constraint "Lat""er; drop table x --" not null f no inherit not valid;
alter table keys.not_null rename column h to renamed;
comment on constraint told on keys.not_null is 'a name';
comment on constraint later on keys.not_null is 'not yet';
comment on constraint not_null_g_not_null on keys.not_null is 'the usual name';
create table keys.not_null_child (own integer not null) inherits (keys.not_null);
create table keys.not_null_own (a integer constraint own_name not null) inherits (keys.not_null);
create table keys.not_null_mine (constraint mine not null a, constraint mine_c not null c) inherits (keys.not_null);
create table keys.not_null_c (not null c no inherit) inherits (keys.not_null);
create table keys.not_null_adopted (like keys.not_null);
alter table keys.not_null_adopted inherit keys.not_null;
comment on constraint told on keys.not_null_child is 'the child''s';
create table keys.not_null_parts (a integer constraint parted not null, b integer not null, c integer) partition by list (a);
create table keys.not_null_parts_1 partition of keys.not_null_parts for values in (1);
create table keys.not_null_parts_2 (a integer constraint its_own not null, b integer not null, c integer);
alter table keys.not_null_parts attach partition keys.not_null_parts_2 for values in (2);
alter table keys.not_null_parts add constraint unsure not null c not valid;
create table keys.renamed (a integer not null, primary key (a));
alter table keys.renamed rename to renamed_since;
create table keys.eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee (eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee integer not null);

create table keys.unenforced (a integer, b integer, x integer, y integer,
  constraint unenforced_check check (a > 0) not enforced,
  constraint unenforced_key foreign key (x, y) references keys.referred on delete set null (y) not enforced);
comment on constraint unenforced_check on keys.unenforced is 'never looked at';
create table keys.unenforced_child () inherits (keys.unenforced);
create table keys.unenforced_parts (a integer, x integer, y integer, constraint unenforced_check check (a > 0) not enforced,
  constraint unenforced_key foreign key (x, y) references keys.referred not enforced) partition by list (a);
create table keys.unenforced_parts_1 partition of keys.unenforced_parts for values in (1);

create table keys.periods (id int4range, "During ""d" daterange, other int4range,
  constraint periods_key primary key (id, "During ""d" without overlaps) include (other) with (fillfactor = 44),
  constraint periods_unique unique (other, "During ""d" without overlaps) deferrable);
create table keys.period_refs (id int4range, during daterange,
  constraint period_refs_key foreign key (id, period during) references keys.periods (id, period "During ""d") deferrable initially deferred);
create table keys.virtual (a integer, b integer generated always as (a * 2) virtual,
  "C ""c" text collate "C" generated always as (upper(a::text)) virtual not null, d integer generated always as (a * 3));
comment on column keys.virtual.b is 'virtual';
create table keys.virtual_child () inherits (keys.virtual);
create table keys.virtual_parts (a integer, b integer generated always as (a * 2) virtual) partition by list (a);
create table keys.virtual_parts_1 partition of keys.virtual_parts for values in (1);
create table keys.virtual_parts_2 (a integer, b integer generated always as (a * 5) virtual);
alter table keys.virtual_parts attach partition keys.virtual_parts_2 for values in (2);
