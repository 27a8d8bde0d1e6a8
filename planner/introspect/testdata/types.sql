-- One of each kind of type, and of what types, text search and languages are made of, with each of its properties, in
-- words that every major since 12 writes back the same way.
create schema k;
create schema "Other k";
set check_function_bodies = off;

-- Collations and conversions.
create collation k.libc (lc_collate = 'C', lc_ctype = 'POSIX');
create collation "Other k"."ICU" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
comment on collation k.libc is 'Bytes';
create default conversion k.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
comment on conversion k.latin is 'To text';

-- Types.
create type k.pair as (gone int, a numeric(10,2), "B" text collate "Other k"."ICU");
alter type k.pair drop attribute gone;
comment on type k.pair is 'Two';
comment on column k.pair."B" is 'The second';
create type k.nothing as ();
create type k.outer as (pairs k.pair[], span k.pair);
create function k.distance(text, text) returns double precision language sql immutable as 'select 1.0::float8';
create type k.words as range (subtype = text, subtype_opclass = text_pattern_ops, collation = "C", subtype_diff = k.distance);
comment on type k.words is 'From and to';
create type k.stepped;
create function k.step(k.stepped) returns k.stepped language internal immutable strict as 'int4range_canonical';
create type k.stepped as range (subtype = int, canonical = k.step);
create type k.ranges_of_int as range (subtype = int);
create type k.shell;
comment on type k.shell is 'Not yet';

create type "Other k"."Base";
create function "Other k"."In"(cstring, oid, int) returns "Other k"."Base" language internal immutable strict as 'varcharin';
create function k.out("Other k"."Base") returns cstring language internal immutable strict as 'varcharout';
create function k.receive(internal, oid, int) returns "Other k"."Base" language internal stable strict as 'varcharrecv';
create function k.send("Other k"."Base") returns bytea language internal stable strict as 'varcharsend';
create function k.modifier_in(cstring[]) returns int language internal immutable strict as 'varchartypmodin';
create function k.modifier_out(int) returns cstring language internal immutable strict as 'varchartypmodout';
create function k.analyze(internal) returns boolean language internal strict as 'ts_typanalyze';
create type "Other k"."Base" (input = "Other k"."In", output = k.out, receive = k.receive, send = k.send, typmod_in = k.modifier_in,
  typmod_out = k.modifier_out, analyze = k.analyze, storage = main, category = 'X', preferred = true, default = '', delimiter = ';',
  collatable = true);
create type k.fixed;
create function k.fixed_in(cstring) returns k.fixed language internal immutable strict as 'point_in';
create function k.fixed_out(k.fixed) returns cstring language internal immutable strict as 'point_out';
create type k.fixed (input = k.fixed_in, output = k.fixed_out, internallength = 16, alignment = double, element = double precision);
create type k.small;
create function k.small_in(cstring) returns k.small language internal immutable strict as 'int4in';
create function k.small_out(k.small) returns cstring language internal immutable strict as 'int4out';
create type k.small (input = k.small_in, output = k.small_out, like = int);

create table k.uses (pair k.pair, many k.pair[], range k.words, base "Other k"."Base"(3), code text collate k.libc);

-- Functions that are no text.
create function k.in_c(int) returns int language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create procedure k.in_c_too() language c as 'plpgsql.so', 'plpgsql_call_handler';
create function k.plus(int, int) returns int language internal immutable strict as 'int4pl';

-- Casts, languages, transforms, access methods.
create function k.cast_it(pair k.pair, int, boolean) returns text language sql immutable as 'select $1."B"';
create cast (k.pair as text) with function k.cast_it(k.pair, int, boolean) as assignment;
create cast (k.small as int) without function as implicit;
create cast (k.small as "Other k"."Base") with inout;
comment on cast (k.pair as text) is 'The second';
create function k.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create trusted language "My language" handler k.handler inline plpgsql_inline_handler validator plpgsql_validator;
create language bare handler plpgsql_call_handler;
comment on language "My language" is 'Spoken';
create function k.spoken() returns int language "My language" as 'begin return 1; end';
create function k.from_sql(internal) returns internal language internal immutable as 'prsd_lextype';
create function k.to_sql(internal) returns k.pair language internal immutable as 'record_recv';
create transform for k.pair language "My language" (from sql with function k.from_sql(internal), to sql with function k.to_sql(internal));
create transform for int language sql (from sql with function prsd_lextype(internal));
comment on transform for int language sql is 'Whole';
create function k.transformed(k.pair) returns int transform for type k.pair language "My language" as 'begin return 1; end';
create function k.index_handler(internal) returns index_am_handler language internal as 'bthandler';
create access method tree type index handler k.index_handler;
create access method second_heap type table handler heap_tableam_handler;
comment on access method tree is 'Grows';
create table k.in_second_heap (a int) using second_heap;

-- Text search.
create function k.start(internal, int) returns internal language internal strict as 'prsd_start';
create text search parser k.parser (start = k.start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype, headline = prsd_headline);
comment on text search parser k.parser is 'Cuts';
create function k.init(internal) returns internal language internal strict as 'dsimple_init';
create text search template k.template (init = k.init, lexize = dsimple_lexize);
comment on text search template k.template is 'Simple';
create text search dictionary k.dictionary (template = k.template, stopwords = english, accept = false);
create text search dictionary "Other k"."Stem" (template = snowball, language = german);
comment on text search dictionary k.dictionary is 'Words';
create text search configuration k.configuration (parser = k.parser);
alter text search configuration k.configuration add mapping for word, "int" with "Other k"."Stem", k.dictionary, simple;
create text search configuration k.copied (copy = simple);
alter text search configuration k.copied drop mapping for asciiword, word, numword, email, url, host, sfloat, version, file, float,
  "int", uint, url_path, hword, asciihword, numhword, hword_part, hword_asciipart;
comment on text search configuration k.configuration is 'Finds';
create table k.documents (body text);
create index on k.documents using gin (to_tsvector('k.configuration', body));
