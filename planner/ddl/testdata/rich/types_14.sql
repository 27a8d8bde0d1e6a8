-- What came with PostgreSQL 14: multiranges, subscripts, conversions that may fail.
create type types.spans as range (subtype = bigint, multirange_type_name = types.many_spans);
create type "Ty""pes.x; --"."Sp""ans" as range (subtype = "Ty""pes.x; --"."Com""po.site", multirange_type_name = types."Ma""ny.x; --");
create table types.of_multiranges (a types.many_spans, b types."Ma""ny.x; --"[], c types.stepped_multirange);
create function types.takes_many(types.many_spans) returns types.spans language sql begin atomic select range_merge($1); end;

set check_function_bodies = off;
create type types.indexed;
create function types.indexed_in(cstring) returns types.indexed language internal immutable strict as 'jsonb_in';
create function types.indexed_out(types.indexed) returns cstring language internal immutable strict as 'jsonb_out';
create function "Ty""pes.x; --"."Sub""script"(internal) returns internal language internal immutable strict as 'jsonb_subscript_handler';
create type types.indexed (input = types.indexed_in, output = types.indexed_out, storage = extended, alignment = int4,
  subscript = "Ty""pes.x; --"."Sub""script");
create type types.listed;
create function types.listed_in(cstring) returns types.listed language internal immutable strict as 'point_in';
create function types.listed_out(types.listed) returns cstring language internal immutable strict as 'point_out';
create function types.raw(internal) returns internal language internal immutable strict as 'raw_array_subscript_handler';
create type types.listed (input = types.listed_in, output = types.listed_out, internallength = 16, alignment = double,
  subscript = types.raw, element = double precision);

create function types.convert(integer, integer, cstring, internal, integer, boolean) returns integer language c strict
  as '$libdir/utf8_and_iso8859_1', 'iso8859_1_to_utf8';
create function "Ty""pes.x; --"."Con""vert"(integer, integer, cstring, internal, integer, boolean) returns integer language c strict
  as '$libdir/utf8_and_iso8859_1', 'utf8_to_iso8859_1';
create conversion types.own for 'LATIN1' to 'UTF8' from types.convert;
create default conversion types.own_back for 'UTF8' to 'LATIN1' from "Ty""pes.x; --"."Con""vert";
