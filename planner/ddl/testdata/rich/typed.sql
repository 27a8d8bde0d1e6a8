-- Typed tables, which need composite types.
create schema typed;
create schema "Typed ""q
uotes";
create type typed.pair as (a integer, b text);
create type typed.wide as (id bigint, name varchar(9), collated text collate "C", amounts numeric(7,2)[], pair typed.pair, "select" date, "A.b" text);
create type "Typed ""q
uotes"."Ty""pe.x'y" as ("I""d" integer, "sp ace" text);
create type typed.nothing as ();
create table typed.plain of typed.pair;
create table typed.empty of typed.nothing;
create table typed.full_ of typed.wide (
  id with options default 7 not null, name not null default 'it''s', "select" default now(),
  primary key (id), constraint short check (length(name) < 8), unique (name, "A.b")
) with (fillfactor = 70, toast.autovacuum_enabled = false);
alter table typed.full_ alter collated set storage external, alter collated set statistics 77, alter name set (n_distinct = -0.5);
comment on table typed.full_ is 'typed';
comment on column typed.full_."A.b" is 'a typed column';
create index full_name on typed.full_ (lower(name));
create table "Typed ""q
uotes"."Ta.ble" of "Typed ""q
uotes"."Ty""pe.x'y" ("I""d" primary key, "sp ace" default E'\\');
create unlogged table typed.fast of typed.pair (a not null);
create table typed.parted of typed.pair (b not null default 'x') partition by list (a);
create table typed.parted_1 partition of typed.parted for values in (1);
create table typed.parted_rest (b text not null, a integer);
alter table typed.parted attach partition typed.parted_rest default;
create table typed.became (gone integer, a integer, b text);
alter table typed.became drop gone;
alter table typed.became of typed.pair;
create table typed.was of typed.pair;
alter table typed.was not of;
create table typed.refers (id bigint references typed.full_);
create function typed.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger on_typed before insert on typed.plain for each row execute function typed.touch();
alter table typed.plain enable row level security;
alter table typed.plain replica identity full;
alter type typed.pair add attribute c integer cascade;
create table typed.heir (d integer) inherits (typed.plain);
create function typed.names(typed.full_) returns text language sql as $$ select $1.name $$;
create table typed.circle of typed.pair;
create function typed.of_circle() returns integer language sql as $$ select count(*)::integer from typed.circle $$;
