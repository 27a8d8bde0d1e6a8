-- variable length, without a default
create type "public"."t" (
  internallength = variable,
  input = "public"."t_in",
  output = "public"."t_out",
  alignment = int4,
  storage = extended
);
comment on type "public"."t" is 'a type';
-- drop:
drop type "public"."t";

-- by value, an empty default
create type "public"."t" (
  internallength = 4,
  input = "public"."t_in",
  output = "public"."t_out",
  default = '',
  alignment = int4,
  storage = plain,
  passedbyvalue
);
-- drop:
drop type "public"."t";

-- everything, hostile
create type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  internallength = 16,
  input = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  output = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  receive = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  send = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  typmod_in = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  typmod_out = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  analyze = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  subscript = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  collatable = true,
  default = E'a"b''c\\d; drop table x --/*',
  element = double precision,
  category = '''',
  preferred = true,
  delimiter = E'\\',
  alignment = double,
  storage = main
);
comment on type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

