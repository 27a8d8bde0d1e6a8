-- plain
create type "public"."span" as range (
  subtype = timestamp without time zone
);
-- drop:
drop type "public"."span";

-- every option, hostile
create type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" as range (
  subtype = text,
  multirange_type_name = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  subtype_opclass = "pg_catalog"."text_pattern_ops",
  collation = "pg_catalog"."C",
  canonical = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  subtype_diff = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
);
comment on type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- a multirange's name before 14
create type "public"."span" as range (
  subtype = text,
  subtype_opclass = "pg_catalog"."text_pattern_ops",
  collation = "pg_catalog"."C",
  canonical = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  subtype_diff = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
);
-- drop:
drop type "public"."span";

