-- Foreign-data wrappers, servers, user mappings and foreign tables, without and with extensions.
create schema afar;
create schema "A.far ""x
y";
create extension postgres_fdw schema afar;
create extension file_fdw;
create function afar.touch() returns trigger language plpgsql as 'begin return new; end';
create type afar.mood as enum ('good', 'bad');
create domain afar.code as text check (value <> '');
do $$ begin create role "Ro""le.x'y"; exception when duplicate_object or unique_violation then null; end $$;

create foreign data wrapper nothing;
create foreign data wrapper "Wrap""per.x'y
z" options ("Opt ""ion" 'it''s', plain 'a\b', "select" '', UPPER 'UPPER', equals 'a=b=c', unicode 'ß🐘');
create foreign data wrapper with_both handler afar.postgres_fdw_handler validator afar.postgres_fdw_validator;
create foreign data wrapper with_validator validator postgresql_fdw_validator;
comment on foreign data wrapper nothing is 'a wrapper';

create server nowhere foreign data wrapper nothing;
create server "Ser""ver.x'y
z" type 'ty''pe\' version '1.2 ''beta''' foreign data wrapper "Wrap""per.x'y
z" options ("Host ""name" 'h', port '5432', empty '');
create server remote foreign data wrapper postgres_fdw options (host 'example.org', port '5433', dbname 'a b', fetch_size '7', use_remote_estimate 'true');
create server validated type 'only a type' foreign data wrapper with_validator options (host 'localhost');
create server with_handler version 'only a version' foreign data wrapper with_both;
create server files foreign data wrapper file_fdw;
comment on server remote is 'it''s far';
comment on server "Ser""ver.x'y
z" is 'a\b';

create user mapping for public server remote options (user 'any');
create user mapping for postgres server remote options (user 'it''s \ me');
create user mapping for "Ro""le.x'y" server "Ser""ver.x'y
z" options ("Us er" 'x', plain '');
create user mapping for public server nowhere;

-- Columns with options, defaults, checks; everything that is on a table, in no wrapper's eyes and in one's.
create foreign table afar.empty () server nowhere;
create foreign table afar.plain (a integer not null, b text default 'x' || E'\\') server nowhere;
create foreign table "A.far ""x
y"."Ta""ble.x'y" (
  "I""d" integer options ("Col ""umn" 'it''s', plain 'a\b') not null,
  "sp ace" afar.code options (column_name 'SP ACE') collate "POSIX" default 'a''b',
  m afar.mood[] default '{good}', n numeric(7,2), gone integer,
  v varchar(3) generated always as ('x') stored,
  constraint "Che""ck" check ("I""d" > 0), check (n <> 7) no inherit
) server "Ser""ver.x'y
z" options ("Table ""name" 'a\b''c', "schema" 's', empty '');
alter foreign table "A.far ""x
y"."Ta""ble.x'y" drop gone, alter n set statistics 33, alter "sp ace" set storage main, alter "I""d" set (n_distinct = 7);
alter foreign table "A.far ""x
y"."Ta""ble.x'y" add constraint later check (n < 9) not valid;
comment on foreign table "A.far ""x
y"."Ta""ble.x'y" is 'a table';
comment on column "A.far ""x
y"."Ta""ble.x'y"."sp ace" is 'a column';
comment on constraint "Che""ck" on "A.far ""x
y"."Ta""ble.x'y" is 'a check';
create foreign table afar.remote (id bigint options (column_name 'ID') not null, t text) server remote
  options (schema_name 'public', table_name 'Far "away"', updatable 'false');
create foreign table afar.lines (line text) server files options (filename '/dev/null', format 'text', delimiter E'\t');
create trigger on_remote before insert on afar.remote for each row execute function afar.touch();
create trigger "After ""x" after update on afar.plain execute function afar.touch();
alter foreign table afar.plain disable trigger "After ""x";
create sequence afar.numbers;
create foreign table afar.numbered (id integer default nextval('afar.numbers'), s serial) server nowhere;
alter sequence afar.numbers owned by afar.numbered.id;

-- As partitions, and in families, with parents and children of either kind.
create table afar.parts (id integer not null, region text default 'eu', n integer, constraint parts_n check (n > 0)) partition by list (region);
create foreign table afar.parts_eu partition of afar.parts (id default 3, n default 4) for values in ('eu', 'it''s') server nowhere options (t 'parts');
create foreign table afar.parts_rest (n integer options (column_name 'N'), region text, id integer not null, constraint parts_n check (n > 0)) server remote;
alter table afar.parts attach partition afar.parts_rest default;
alter foreign table afar.parts_eu alter id options (remote 'ID');
create table afar.parts_uk partition of afar.parts for values in ('uk') partition by range (id);
create foreign table afar.parts_uk_1 partition of afar.parts_uk for values from (1) to (10) server nowhere;
create trigger on_parts after insert on afar.parts for each row execute function afar.touch();
create table afar.parent (a integer default 1, b text not null);
create foreign table afar.child (c integer options (x 'y')) inherits (afar.parent) server nowhere options (t 'child');
alter foreign table afar.child alter a options (column_name 'A'), alter a set default 2;
create foreign table afar.adopted (b text not null, a integer) server nowhere;
alter foreign table afar.adopted inherit afar.parent;
create foreign table afar.far_parent (k integer check (k > 0), gone integer) server nowhere;
create table afar.near_child (l integer) inherits (afar.far_parent);
alter table afar.far_parent drop gone;

-- What needs them.
create view afar.seen as select r.id, p.a from afar.remote as r join afar.plain as p on p.b = r.t;
create materialized view afar.cached as select id from afar.remote with no data;
create function afar.of_row(afar.remote) returns text language sql as $$ select $1.t $$;
create function afar.next_id() returns integer language sql as $$ select count(*)::integer from afar.numbered $$;
alter foreign table afar.numbered alter id set default afar.next_id();
create table afar.growing (a integer);
create foreign table afar.grown (own integer options (column_name 'Own')) inherits (afar.growing) server remote options (table_name 'grown');
alter table afar.growing add column b integer default 5 not null;
alter foreign table afar.grown alter b options (column_name 'B');

-- Names that differ in case only, and one as long as a name can be.
create foreign data wrapper "SELECT" options ("ÜBER" 'größe', "über" '');
create foreign data wrapper "select";
create server "Größe 名前 🐘" foreign data wrapper "SELECT";
create server "größe 名前 🐘" foreign data wrapper "select" options ("Größe 名前" E'a\nb\t');
create user mapping for public server "Größe 名前 🐘" options ("user" E'a\nb');
create foreign table afar."xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé" ("A" integer, a integer options ("B" 'b', b 'B')) server "größe 名前 🐘";
create foreign table afar."Case" () server "Größe 名前 🐘";
create foreign table afar."case" () server "Größe 名前 🐘";
