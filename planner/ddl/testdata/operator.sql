-- prefix
create operator "a""b'c\d; drop table x --/*".## (
  function = "public"."a""b'c\d; drop table x --/*",
  rightarg = integer
);
comment on operator "a""b'c\d; drop table x --/*".## (NONE, integer) is E'a"b''c\\d; drop table x --/*';
-- drop:
drop operator "a""b'c\d; drop table x --/*".## (NONE, integer);

-- postfix, from before 14
create operator "a""b'c\d; drop table x --/*".!! (
  function = "public"."f",
  leftarg = integer
);
-- drop:
drop operator "a""b'c\d; drop table x --/*".!! (integer, NONE);

-- everything
create operator "a""b'c\d; drop table x --/*".=== (
  function = "public"."same",
  leftarg = integer,
  rightarg = text,
  commutator = operator("public".===),
  negator = operator("other".<>),
  merges,
  hashes,
  restrict = "pg_catalog"."eqsel",
  join = "pg_catalog"."eqjoinsel"
);
-- drop:
drop operator "a""b'c\d; drop table x --/*".=== (integer, text);

