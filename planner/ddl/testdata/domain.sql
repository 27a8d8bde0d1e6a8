-- named not null
create domain "public"."a""b'c\d; drop table x --/*" as integer
  constraint "a""b'c\d; drop table x --/*" not null;
comment on constraint "a""b'c\d; drop table x --/*" on domain "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop domain "public"."a""b'c\d; drop table x --/*";

-- named not null before 17, which has no comment
create domain "public"."d" as integer
  constraint "a""b'c\d; drop table x --/*" not null;
-- drop:
drop domain "public"."d";

