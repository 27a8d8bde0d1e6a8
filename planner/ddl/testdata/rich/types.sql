-- Types, collations, conversions, casts, transforms, languages, access methods and functions that are no text.
create schema types;
create schema "Ty""pes.x; --";
set check_function_bodies = off;

-- Collations.
create collation types.same (locale = 'C');
create collation types.other (lc_collate = 'C', lc_ctype = 'POSIX');
create collation types.copied from "C";
create collation types.basic from ucs_basic;
create collation types.german (provider = icu, locale = 'de-u-co-phonebk');
create collation types.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create collation "Ty""pes.x; --"."Col""la.tion" (provider = icu, locale = 'fr');
create collation "Ty""pes.x; --"."col""la.tion" (provider = libc, locale = 'POSIX');
comment on collation "Ty""pes.x; --"."Col""la.tion" is 'a ''collation''\';

-- Composite types, whose attributes need each other.
create type types.pair as (a integer, b text collate "C");
create type types.nothing as ();
create type types.changed as (gone integer, a numeric(10,2), "sp ace" varchar(7) collate types.german);
alter type types.changed drop attribute gone, add attribute late timestamptz(3);
create type "Ty""pes.x; --"."com""po.site" as ("user" integer);
create type "Ty""pes.x; --"."Com""po.site" as (
  "A" types.pair, "a" types.pair[], "select" "Ty""pes.x; --"."com""po.site"[], " " interval day to second(2),
  "ünï
cödé" text collate "Ty""pes.x; --"."col""la.tion", "a-name-of-sixty-three-bytes-which-is-the-most-that-a-name-can-have-" bit(3)
);
create domain types.positive as types.pair check ((value).a > 0);
create type types.over_domain as (p types.positive);
comment on type types.pair is 'two of them';
comment on column types.pair.b is 'the ''second''\';
comment on column "Ty""pes.x; --"."Com""po.site"."select" is 'the other one';
create table types.of_composites (
  one types.pair default row(1, 'x'), more "Ty""pes.x; --"."Com""po.site"[], d types.positive
);
create type types.row_of as (whole types.of_composites);
create function types.first(types.pair) returns integer language sql immutable as 'select $1.a';
create index of_first on types.of_composites (types.first(one));

-- Ranges.
create type types.plain as range (subtype = integer);
create function types.length(a text, b text) returns double precision language sql immutable as 'select length(a)::float8';
create type types.words as range (subtype = text, subtype_opclass = text_pattern_ops, collation = "C", subtype_diff = types.length);
create type "Ty""pes.x; --"."Ra""nge.x" as range (subtype = "Ty""pes.x; --"."com""po.site");
comment on type "Ty""pes.x; --"."Ra""nge.x" is 'from\to';
create type types.stepped;
create function types.step(types.stepped) returns types.stepped language internal immutable strict as 'int4range_canonical';
create type types.stepped as range (subtype = integer, canonical = types.step, subtype_diff = int4range_subdiff);
create type "Ty""pes.x; --"."Step""ped";
create function "Ty""pes.x; --"."Can""on.x"("Ty""pes.x; --"."Step""ped") returns "Ty""pes.x; --"."Step""ped"
  language internal immutable strict as 'daterange_canonical';
create type "Ty""pes.x; --"."Step""ped" as range (subtype = date, canonical = "Ty""pes.x; --"."Can""on.x");
create table types.of_ranges (a types.plain, b types.words[], c types.stepped default '[1,3)', d "Ty""pes.x; --"."Step""ped");
create domain types.short as types.words check (lower(value) < 'm');

-- Shell types.
create type types.shell;
create type "Ty""pes.x; --"."She""ll.x";
comment on type types.shell is 'nothing yet';
create function types.of_shell(types.shell) returns types.shell language internal as 'int4in';

-- Base types.
create type types.number;
create function types.number_in(cstring) returns types.number language internal immutable strict as 'int4in';
create function types.number_out(types.number) returns cstring language internal immutable strict as 'int4out';
create type types.number (input = types.number_in, output = types.number_out, like = integer);
create function types.number_hash(types.number) returns integer language internal immutable strict as 'hashint4';
comment on type types.number is 'a number';

create type "Ty""pes.x; --"."Ba""se.x";
create function "Ty""pes.x; --"."In""put"(cstring, oid, integer) returns "Ty""pes.x; --"."Ba""se.x" language internal immutable strict as 'varcharin';
create function "Ty""pes.x; --"."Out""put"("Ty""pes.x; --"."Ba""se.x") returns cstring language internal immutable strict as 'varcharout';
create function types.receive(internal, oid, integer) returns "Ty""pes.x; --"."Ba""se.x" language internal stable strict as 'varcharrecv';
create function types.send("Ty""pes.x; --"."Ba""se.x") returns bytea language internal stable strict as 'varcharsend';
create function types.modifier_in(cstring[]) returns integer language internal immutable strict as 'varchartypmodin';
create function types.modifier_out(integer) returns cstring language internal immutable strict as 'varchartypmodout';
create function types.analyze(internal) returns boolean language internal strict as 'ts_typanalyze';
create type "Ty""pes.x; --"."Ba""se.x" (
  input = "Ty""pes.x; --"."In""put", output = "Ty""pes.x; --"."Out""put", receive = types.receive, send = types.send,
  typmod_in = types.modifier_in, typmod_out = types.modifier_out, analyze = types.analyze,
  internallength = variable, alignment = int4, storage = extended, category = '''', preferred = true,
  default = 'it''s\', delimiter = ';', collatable = true
);
comment on type "Ty""pes.x; --"."Ba""se.x" is 'has everything';

create type types.coordinates;
create function types.coordinates_in(cstring) returns types.coordinates language internal immutable strict as 'point_in';
create function types.coordinates_out(types.coordinates) returns cstring language internal immutable strict as 'point_out';
create type types.coordinates (input = types.coordinates_in, output = types.coordinates_out, internallength = 16,
  alignment = double, element = double precision, default = '');
create type types.bytes;
create function types.bytes_in(cstring) returns types.bytes language internal immutable strict as 'charin';
create function types.bytes_out(types.bytes) returns cstring language internal immutable strict as 'charout';
create type types.bytes (input = types.bytes_in, output = types.bytes_out, internallength = 1, passedbyvalue, alignment = char,
  storage = plain, category = 'N');
create type types.zero;
create function types.zero_in(cstring) returns types.zero language internal immutable strict as 'cstring_in';
create function types.zero_out(types.zero) returns cstring language internal immutable strict as 'cstring_out';
create type types.zero (input = types.zero_in, output = types.zero_out, internallength = -2, alignment = char);

create table types.of_bases (
  a types.number default '7', b "Ty""pes.x; --"."Ba""se.x"(20)[] collate "C", c types.coordinates, d types.bytes, e types.zero
);
create type types.of_base as (n types.number[], b "Ty""pes.x; --"."Ba""se.x"(3));
create domain types.over_base as "Ty""pes.x; --"."Ba""se.x"(9) collate types.german default 'x';
create view types.shown as select a, b, c from types.of_bases;
create function types.takes(types.number[], variadic "Ty""pes.x; --"."Ba""se.x"[]) returns types.coordinates language plpgsql as 'begin end';

-- Domains whose NOT NULL has a name.
create domain types.named as integer constraint "There ""is.x" not null constraint named_check check (value > 0);
create domain types."a domain of sixty-three bytes, which leaves no room for a suffix" as integer not null;
create domain types.täägällä_on_monta_äätä_ja_öötä_joiden_pituus_on_kk as integer not null;

-- Functions in C and of the server.
create function types.in_c(integer, text default 'x') returns integer language c strict as '$libdir/plpgsql', 'plpgsql_call_handler';
create function "Ty""pes.x; --"."In C""x"("A" "Ty""pes.x; --"."Ba""se.x") returns setof types.pair language c cost 10 rows 7
  as '$libdir/plpgsql.so', 'plpgsql_call_handler';
create procedure types.proc_in_c() language c as 'plpgsql', 'plpgsql_validator';
create function types.internal(a integer, b integer) returns integer language internal immutable strict parallel safe as 'int4pl';
comment on function types.in_c(integer, text) is 'in C';

-- Casts, in every way and for every use.
create function types.to_number(types.pair) returns types.number language sql immutable as 'select null::types.number';
create function "Ty""pes.x; --"."To ""x.y"("of ""x" types.coordinates, "mod" integer, explicit boolean) returns types.coordinates language plpgsql immutable as 'begin return $1; end';
create function types.from_ranges(types.plain[], integer) returns text language sql immutable as 'select null::text';
create cast (types.pair as types.number) with function types.to_number(types.pair);
create cast (types.coordinates as types.coordinates) with function "Ty""pes.x; --"."To ""x.y"(types.coordinates, integer, boolean) as implicit;
create cast (types.plain[] as text) with function types.from_ranges(types.plain[], integer) as assignment;
create cast (types.number as integer) without function as implicit;
create cast (integer as types.number) without function as assignment;
create cast ("Ty""pes.x; --"."Ba""se.x" as varchar) without function;
create cast ("Ty""pes.x; --"."Com""po.site" as "Ty""pes.x; --"."com""po.site") with inout;
create cast (types.bytes as types.zero) with inout as assignment;
create cast (types.bytes as text) with inout as implicit;
create cast (point as interval) with inout;
create cast (double precision as "char") with inout as assignment;
comment on cast (types.pair as types.number) is 'a cast';
comment on cast ("Ty""pes.x; --"."Com""po.site" as "Ty""pes.x; --"."com""po.site") is 'a ''cast''\';
create table types.cast_in_default (a integer default '7'::types.number, b text default '(1,2)'::types.pair::types.number::integer);

-- Languages.
create function types.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function "Ty""pes.x; --"."In""line"(internal) returns void language c as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function types.validator(oid) returns void language c as '$libdir/plpgsql', 'plpgsql_validator';
create language types_plain handler plpgsql_call_handler;
create trusted language "La""ng.x; --" handler types.handler inline "Ty""pes.x; --"."In""line" validator types.validator;
comment on language "La""ng.x; --" is 'speaks\';
create function types.spoken(a integer) returns integer language "La""ng.x; --" as 'begin return a; end';

-- Transforms.
create function types.from_sql(internal) returns internal language internal immutable as 'prsd_lextype';
create function types.to_sql(internal) returns types.pair language internal immutable as 'record_recv';
create function "Ty""pes.x; --"."To ""sql"(internal) returns "Ty""pes.x; --"."Ba""se.x" language internal immutable as 'record_recv';
create transform for types.pair language sql (from sql with function types.from_sql(internal), to sql with function types.to_sql(internal));
create transform for "Ty""pes.x; --"."Ba""se.x" language "La""ng.x; --" (to sql with function "Ty""pes.x; --"."To ""sql"(internal));
create transform for types.plain language plpgsql (from sql with function types.from_sql(internal));
create transform for integer language "La""ng.x; --" (from sql with function prsd_lextype(internal));
comment on transform for types.pair language sql is 'there and back';
comment on transform for "Ty""pes.x; --"."Ba""se.x" language "La""ng.x; --" is 'it''s\';
create function types.transformed(types.plain) returns integer transform for type types.plain language plpgsql as 'begin return 1; end';

-- Access methods.
create function types.table_handler(internal) returns table_am_handler language internal as 'heap_tableam_handler';
create function "Ty""pes.x; --"."In""dex.x"(internal) returns index_am_handler language internal as 'bthandler';
create access method types_heap type table handler types.table_handler;
create access method "Acc""ess.x; --" type index handler "Ty""pes.x; --"."In""dex.x";
create access method types_tree type index handler bthandler;
comment on access method "Acc""ess.x; --" is 'another\';
create table types.by_method (a integer) using types_heap;

-- Conversions.
create conversion types.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create default conversion types.standard for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create default conversion "Ty""pes.x; --"."Con""version.x" for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
comment on conversion "Ty""pes.x; --"."Con""version.x" is 'back\';
