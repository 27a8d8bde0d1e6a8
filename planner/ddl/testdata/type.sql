-- enum
create type "public"."status" as enum (
  'new',
  'it''s',
  E'a"b''c\\d; drop table x --/*',
  ''
);
comment on type "public"."status" is 'of an order';
-- drop:
drop type "public"."status";

-- enum without labels
create type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" as enum ();
-- drop:
drop type "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- domain with nothing
create domain "public"."d" as integer;
-- drop:
drop domain "public"."d";

-- domain with everything
create domain "public"."a""b'c\d; drop table x --/*" as character varying(10)
  collate pg_catalog."C"
  default 'x'::character varying
  not null
  constraint "a""b'c\d; drop table x --/*" CHECK (((VALUE)::text <> ' NOT VALID'::text));
alter domain "public"."a""b'c\d; drop table x --/*" add constraint "later" CHECK ((length((VALUE)::text) > 1)) NOT VALID;
comment on domain "public"."a""b'c\d; drop table x --/*" is 'a domain';
comment on constraint "a""b'c\d; drop table x --/*" on domain "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop domain "public"."a""b'c\d; drop table x --/*";

