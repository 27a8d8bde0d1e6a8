-- composite type
create type "public"."pair" as (
  "a" numeric(10,2),
  "b" text collate "pg_catalog"."C"
);
comment on type "public"."pair" is 'two of them';
comment on column "public"."pair"."a" is 'the first';
-- drop:
drop type "public"."pair";

-- hostile
create type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" as (
  "a""b'c\d; drop table x --/*" integer[]
);
comment on type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- no attributes
create type "public"."nothing" as ();
comment on type "public"."nothing" is 'empty';
-- drop:
drop type "public"."nothing";

-- shell type
create type "public"."shell";
comment on type "public"."shell" is 'not yet';
-- drop:
drop type "public"."shell";

