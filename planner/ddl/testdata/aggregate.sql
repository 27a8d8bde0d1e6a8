-- with nothing, of nothing
create aggregate "public"."a"(*) (
  sfunc = "pg_catalog"."int8inc",
  stype = bigint
);
comment on aggregate "public"."a"(*) is E'a"b''c\\d; drop table x --/*';
-- drop:
drop aggregate "public"."a"(*);

-- everything
create aggregate "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(a integer) (
  sfunc = "public"."a""b'c\d; drop table x --/*",
  stype = integer,
  sspace = 9,
  initcond = E'a"b''c\\d; drop table x --/*',
  finalfunc = "public"."final",
  finalfunc_extra,
  finalfunc_modify = shareable,
  combinefunc = "public"."combine",
  serialfunc = "public"."serial",
  deserialfunc = "public"."deserial",
  msfunc = "public"."add",
  minvfunc = "public"."subtract",
  mstype = bigint,
  msspace = 8,
  minitcond = '',
  mfinalfunc = "public"."finish",
  mfinalfunc_extra,
  mfinalfunc_modify = read_write,
  sortop = operator("pg_catalog".<),
  parallel = safe
);
comment on aggregate "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(a integer) is 'an aggregate';
-- drop:
drop aggregate "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(a integer);

-- hypothetical
create aggregate "public"."ranked"(VARIADIC "any" ORDER BY VARIADIC "any") (
  sfunc = "pg_catalog"."ordered_set_transition_multi",
  stype = internal,
  finalfunc = "pg_catalog"."rank_final",
  finalfunc_extra,
  hypothetical
);
comment on aggregate "public"."ranked"(VARIADIC "any" ORDER BY VARIADIC "any") is 'a rank';
-- drop:
drop aggregate "public"."ranked"(VARIADIC "any" ORDER BY VARIADIC "any");

