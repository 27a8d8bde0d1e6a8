-- Text search: parsers, templates, dictionaries and configurations.
create schema search;
create schema "Sear""ch.x; --";

create function search.start(internal, integer) returns internal language internal strict as 'prsd_start';
create function "Sear""ch.x; --"."To""ken"(internal, internal, internal) returns internal language internal strict as 'prsd_nexttoken';
create function search."end"(internal) returns void language internal strict as 'prsd_end';
create function search."Head""line"(internal, internal, tsquery) returns internal language internal strict as 'prsd_headline';
create function search.types(internal) returns internal language internal strict as 'prsd_lextype';
create text search parser search.parser (start = search.start, gettoken = "Sear""ch.x; --"."To""ken", end = search."end", lextypes = search.types);
create text search parser "Sear""ch.x; --"."Par""ser.x" (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end,
  headline = search."Head""line", lextypes = search.types);
comment on text search parser "Sear""ch.x; --"."Par""ser.x" is 'cuts\';

create function search.init(internal) returns internal language internal strict as 'dsimple_init';
create function "Sear""ch.x; --"."Lex""ize"(internal, internal, internal, internal) returns internal language internal strict as 'dsimple_lexize';
create text search template search.bare (lexize = dsimple_lexize);
create text search template "Sear""ch.x; --"."Temp""late.x" (init = search.init, lexize = "Sear""ch.x; --"."Lex""ize");
comment on text search template search.bare is 'of\nothing';

create text search dictionary search.plain (template = pg_catalog.simple);
create text search dictionary search.stopped (template = simple, stopwords = english, accept = false);
create text search dictionary search.stem (template = snowball, language = german, stopwords = 'german');
create text search dictionary search.synonyms (template = synonym, synonyms = synonym_sample, casesensitive = true);
create text search dictionary "Sear""ch.x; --"."Dic""tionary.x" (template = "Sear""ch.x; --"."Temp""late.x", accept = true);
create text search dictionary "Sear""ch.x; --"."dic""tionary.x" (template = search.bare);
comment on text search dictionary "Sear""ch.x; --"."Dic""tionary.x" is 'words\';

create text search configuration search.empty (parser = default);
create text search configuration search.copied (copy = english);
alter text search configuration search.copied drop mapping for email, url;
alter text search configuration search.copied alter mapping for asciiword, word with "Sear""ch.x; --"."Dic""tionary.x",
  search.synonyms, search.stem, search.stopped, search.plain;
alter text search configuration search.copied alter mapping replace english_stem with "Sear""ch.x; --"."dic""tionary.x";
create text search configuration "Sear""ch.x; --"."Config""uration.x" (parser = "Sear""ch.x; --"."Par""ser.x");
alter text search configuration "Sear""ch.x; --"."Config""uration.x" add mapping for word, numword, "int" with "Sear""ch.x; --"."dic""tionary.x", simple;
create text search configuration "Sear""ch.x; --"."config""uration.x" (parser = search.parser);
comment on text search configuration "Sear""ch.x; --"."Config""uration.x" is 'found\';

create table search.documents (body text, words tsvector generated always as (to_tsvector('search.copied', body)) stored);
create index documents_words on search.documents using gin (to_tsvector('"Sear""ch.x; --"."Config""uration.x"'::regconfig, body));
