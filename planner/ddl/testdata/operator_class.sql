-- family
create operator family "public"."f" using "btree";
comment on operator family "public"."f" using "btree" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop operator family "public"."f" using "btree";

-- family with loose members
create operator family "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" using "a""b'c\d; drop table x --/*";
alter operator family "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" using "a""b'c\d; drop table x --/*" add
  operator 1 "pg_catalog".< (integer, bigint),
  function 1 (integer, bigint) "pg_catalog"."btint48cmp"(integer, bigint);
-- drop:
drop operator family "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" using "a""b'c\d; drop table x --/*";

-- class
create operator class "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
  default for type point using "gist" family "public"."a""b'c\d; drop table x --/*" as
  storage box,
  operator 15 "pg_catalog".<-> (point, point) for order by "pg_catalog"."float_ops",
  function 1 (point, point) "pg_catalog"."gist_point_consistent"(internal, point, smallint, oid, internal);
comment on operator class "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" using "gist" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop operator class "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" using "gist";

-- class whose members are all loose
create operator class "public"."c"
  for type text using "spgist" family "public"."f" as
  storage text;
-- drop:
drop operator class "public"."c" using "spgist";

