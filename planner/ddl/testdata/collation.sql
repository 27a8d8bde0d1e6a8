-- libc
create collation "public"."c" (
  provider = libc,
  locale = 'C'
);
comment on collation "public"."c" is 'bytes';
-- drop:
drop collation "public"."c";

-- libc, two locales, hostile
create collation "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  provider = libc,
  lc_collate = E'a"b''c\\d; drop table x --/*',
  lc_ctype = 'POSIX'
);
comment on collation "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop collation "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- icu with everything
create collation "public"."c" (
  provider = icu,
  deterministic = false,
  locale = 'und-u-ks-level2',
  rules = '&a < ''g'''
);
-- drop:
drop collation "public"."c";

-- the server's own
create collation "public"."c" (
  provider = builtin,
  locale = 'C.UTF-8'
);
-- drop:
drop collation "public"."c";

-- conversion
create conversion "public"."c" for 'LATIN1' to 'UTF8' from "pg_catalog"."iso8859_1_to_utf8";
comment on conversion "public"."c" is 'to text';
-- drop:
drop conversion "public"."c";

-- default conversion, hostile
create default conversion "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" for 'UTF8' to 'LATIN1' from "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";
comment on conversion "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop conversion "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

