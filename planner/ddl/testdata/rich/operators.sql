-- Aggregates, operators, operator families and classes, for PostgreSQL 12 and later.
create schema ops;
create schema "Op ""s.1
";
create schema ops_elsewhere;

-- Functions of all of them.
create function ops.add(integer, integer) returns integer language sql immutable as $$ select $1 + $2 $$;
create function ops.subtract(integer, integer) returns integer language sql immutable as $$ select $1 - $2 $$;
create function ops.add(bigint, integer, bigint) returns bigint language sql immutable as $$ select $1 + $2 + $3 $$;
create function ops.finish(integer) returns text language sql immutable as $$ select $1::text $$;
create function ops.finish_more(integer, integer) returns text language sql immutable as $$ select $1::text $$;
create function "Op ""s.1
"."Step ""; drop table x --"(state text, value text) returns text language sql immutable as $$ select $1 || $2 $$;
create function ops.count_up(bigint) returns bigint language sql immutable as $$ select $1 + 1 $$;
create function ops.many(integer, variadic integer[]) returns integer language sql immutable as $$ select $1 $$;
create function ops.ordered(integer, double precision) returns integer language sql immutable as $$ select $1 $$;
create function ops.same(integer, text) returns boolean language sql immutable strict as $$ select $1::text = $2 $$;
create function ops.same(text, integer) returns boolean language sql immutable strict as $$ select $2::text = $1 $$;
create function ops.other(integer, text) returns boolean language sql immutable strict as $$ select $1::text <> $2 $$;
create function ops.other(text, integer) returns boolean language sql immutable strict as $$ select $2::text <> $1 $$;
create function ops.twice(integer) returns integer language sql immutable as $$ select 2 * $1 $$;

-- Aggregates.
create aggregate ops.sum_of(integer) (sfunc = ops.add, stype = integer);
create aggregate ops.sum_of(a integer, "B ""b" bigint) (sfunc = ops.add, stype = bigint);
create aggregate ops."SUM_OF"(integer) (sfunc = ops.add, stype = integer, initcond = '0', parallel = restricted);
create aggregate ops.everything(integer) (
  sfunc = ops.add, stype = integer, sspace = 100, initcond = ' 7 ', finalfunc = ops.finish_more, finalfunc_extra,
  finalfunc_modify = shareable, combinefunc = ops.add, msfunc = ops.add, minvfunc = ops.subtract, mstype = integer,
  msspace = 50, mfinalfunc = ops.finish, mfinalfunc_modify = read_write, minitcond = '0',
  sortop = operator(pg_catalog.>), parallel = safe);
create aggregate ops.serial(numeric) (sfunc = numeric_accum, stype = internal, finalfunc = numeric_sum,
  combinefunc = numeric_combine, serialfunc = numeric_serialize, deserialfunc = numeric_deserialize, parallel = safe);
create aggregate ops.no_arguments(*) (sfunc = ops.count_up, stype = bigint, initcond = '0');
create aggregate ops.variadic_one(variadic "of ""them" integer[]) (sfunc = ops.many, stype = integer);
create aggregate ops.percentile(double precision order by "order" anyelement) (sfunc = ordered_set_transition, stype = internal,
  finalfunc = percentile_disc_final, finalfunc_extra, finalfunc_modify = shareable);
create aggregate ops.ordered_plain(double precision order by integer) (sfunc = ops.add, stype = integer, finalfunc = ops.ordered);
create aggregate ops.ranked(variadic "any" order by variadic "any") (sfunc = ordered_set_transition_multi, stype = internal,
  finalfunc = rank_final, finalfunc_extra, hypothetical);
create aggregate "Op ""s.1
"."Agg ""; drop table x --"(text) (sfunc = "Op ""s.1
"."Step ""; drop table x --", stype = text, initcond = E'a\\b''c');
create aggregate ops."größe 🐘 ünï"(text) (sfunc = pg_catalog.textcat, stype = text, initcond = '');
create aggregate ops."select"(text) (sfunc = pg_catalog.textcat, stype = text);
create aggregate ops.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx(text) (sfunc = pg_catalog.textcat, stype = text);
comment on aggregate ops.sum_of(integer) is 'an aggregate';
comment on aggregate ops.no_arguments(*) is 'of nothing';
comment on aggregate ops.percentile(double precision order by anyelement) is E'it''s \\ ordered';
comment on aggregate ops.ranked(variadic "any" order by variadic "any") is 'a rank';
comment on aggregate "Op ""s.1
"."Agg ""; drop table x --"(text) is 'hostile';
create view ops.with_aggregate as select ops.sum_of(a) as s from app.plain_table;

-- Operators: prefix, alone, with everything, of others that are made later, of themselves.
create operator ops.## (function = ops.twice, rightarg = integer);
create operator ops.+@+ (function = ops.add, leftarg = integer, rightarg = integer, commutator = operator(ops.+@+));
create operator ops.=== (function = ops.same, leftarg = integer, rightarg = text, commutator = operator(ops.===),
  negator = operator(ops.<<>>), restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator ops.=== (function = ops.same, leftarg = text, rightarg = integer, commutator = operator(ops.===),
  negator = operator(ops.<<>>), restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator ops.<<>> (function = ops.other, leftarg = integer, rightarg = text, commutator = operator(ops.<<>>),
  negator = operator(ops.===), restrict = neqsel, join = neqjoinsel);
create operator ops.<<>> (function = ops.other, leftarg = text, rightarg = integer, commutator = operator(ops.<<>>),
  negator = operator(ops.===), restrict = neqsel, join = neqjoinsel);
-- In other schemas, of which one sorts before and one behind; and shells that nobody ever makes.
create operator "Op ""s.1
".=@= (function = ops.same, leftarg = integer, rightarg = text, commutator = operator(ops_elsewhere.=@=));
create operator ops_elsewhere.=@= (function = ops.same, leftarg = text, rightarg = integer, commutator = operator("Op ""s.1
".=@=), negator = operator(ops_elsewhere.~~~@~~~));
create operator ops.-|- (function = ops.other, leftarg = integer, rightarg = text, negator = operator(ops_elsewhere.%%%),
  commutator = operator("Op ""s.1
".&&&&));
create operator ops.*/% (function = ops.twice, rightarg = integer);
comment on operator ops.## (none, integer) is 'a prefix operator';
comment on operator ops.=== (integer, text) is 'it''s';
create view ops.with_operator as select operator(ops.##) a as b, a operator(ops.===) 'x' as c from app.plain_table;

-- Families with loose members, and classes in them.
create operator family ops.loose using btree;
alter operator family ops.loose using btree add
  operator 1 pg_catalog.< (integer, bigint), operator 2 pg_catalog.<= (integer, bigint), operator 3 pg_catalog.= (integer, bigint),
  operator 4 pg_catalog.>= (integer, bigint), operator 5 pg_catalog.> (integer, bigint),
  function 1 (bigint, integer) pg_catalog.btint84cmp(bigint, integer), -- in the order in which they are read: pg_dump has none
  function 1 (integer, bigint) pg_catalog.btint48cmp(integer, bigint),
  operator 1 pg_catalog.< (smallint, smallint), function 1 (smallint, smallint) pg_catalog.btint2cmp(smallint, smallint);
create operator class ops.in_loose for type integer using btree family ops.loose as
  operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer),
  function 2 btint4sortsupport(internal), function 3 in_range(integer, integer, integer, boolean, boolean);
create operator class ops.also_in_loose for type bigint using btree family ops.loose as
  operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint8cmp(bigint, bigint),
  operator 1 < (bigint, integer), operator 3 = (bigint, integer);
create operator family ops.empty using hash;
create operator family ops.empty using gist;
create operator family "Op ""s.1
"."Fam ""; drop table x --" using gin;
create operator class ops.only_hash for type text using hash as operator 1 =, function 1 hashtext(text);
create type ops.color as enum ('red', 'green');
create operator class "Op ""s.1
"."Class ""; drop table x --" default for type ops.color using spgist as operator 1 pg_catalog.= (anyenum, anyenum) ,
  function 1 spg_text_config(internal, internal), function 2 spg_text_choose(internal, internal),
  function 3 spg_text_picksplit(internal, internal), function 4 spg_text_inner_consistent(internal, internal),
  function 5 spg_text_leaf_consistent(internal, internal);
create operator class ops.near for type point using gist as
  operator 1 << (point, point), operator 15 <-> (point, point) for order by pg_catalog.float_ops,
  function 1 gist_point_consistent(internal, point, smallint, oid, internal),
  function 2 gist_box_union(internal, internal), function 3 gist_point_compress(internal),
  function 5 gist_box_penalty(internal, internal, internal), function 6 gist_box_picksplit(internal, internal),
  function 7 gist_box_same(box, box, internal), function 8 (point, point) gist_point_distance(internal, point, smallint, oid, internal),
  storage box;
create operator class ops.gin_array for type anyarray using gin as
  operator 1 && (anyarray, anyarray), operator 2 @> (anyarray, anyarray), function 2 ginarrayextract(anyarray, internal, internal),
  function 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
  function 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal), storage anyelement;
create operator class ops."IN_LOOSE" for type smallint using btree family ops.loose as
  operator 2 <=, operator 3 =, operator 4 >=, operator 5 >;
create operator class ops.nothing_in_it for type date using brin as storage date;
comment on operator family ops.loose using btree is 'a family';
comment on operator family ops.empty using gist is 'it''s empty';
comment on operator class ops.in_loose using btree is 'a class';
comment on operator class "Op ""s.1
"."Class ""; drop table x --" using spgist is E'\\';
create table ops.indexed (a integer, b point, c text, constraint by_class exclude using btree (a ops.in_loose with =));
create index by_near on ops.indexed using gist (b ops.near);
create index by_hash on ops.indexed using hash (c ops.only_hash);
