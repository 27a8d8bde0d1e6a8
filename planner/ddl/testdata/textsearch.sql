-- parser
create text search parser "public"."p" (
  start = "public"."start",
  gettoken = "public"."token",
  end = "public"."end",
  lextypes = "public"."types"
);
comment on text search parser "public"."p" is 'cuts';
-- drop:
drop text search parser "public"."p";

-- parser with everything, hostile
create text search parser "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  start = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  gettoken = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  end = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  headline = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  lextypes = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
);
comment on text search parser "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop text search parser "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- template
create text search template "public"."t" (
  lexize = "public"."lexize"
);
-- drop:
drop text search template "public"."t";

-- template with everything, hostile
create text search template "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  init = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  lexize = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
);
comment on text search template "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop text search template "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- dictionary
create text search dictionary "public"."d" (
  template = "pg_catalog"."simple"
);
-- drop:
drop text search dictionary "public"."d";

-- dictionary with options, hostile
create text search dictionary "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  template = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*",
  language = 'german', stopwords = 'it''s'
);
comment on text search dictionary "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop text search dictionary "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- configuration without mappings
create text search configuration "public"."c" (
  parser = "pg_catalog"."default"
);
-- drop:
drop text search configuration "public"."c";

-- configuration, hostile
create text search configuration "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  parser = "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"
);
alter text search configuration "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" add mapping for "word" with "pg_catalog"."simple";
alter text search configuration "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" add mapping for "a""b'c\d; drop table x --/*" with "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*", "pg_catalog"."simple";
comment on text search configuration "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop text search configuration "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

