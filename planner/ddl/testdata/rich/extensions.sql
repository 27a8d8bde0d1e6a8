-- Extensions, which are there by what they bring.
create schema "Ext""ensions; --";
create extension citext with schema "Ext""ensions; --";
create extension hstore;
comment on extension hstore is 'it''s a \ comment of "ours"';
create extension cube with schema app;
create extension earthdistance with schema app;
create extension "uuid-ossp" with schema app;
create extension pg_trgm with schema app version '1.4';
create table app.uses_extensions (
  a "Ext""ensions; --".citext default app.uuid_generate_v4(),
  b public.hstore,
  c app.earth
);
create index uses_trigrams on app.uses_extensions using gin (lower((a)::text) app.gin_trgm_ops);
