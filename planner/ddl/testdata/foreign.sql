-- wrapper that is a name only
create foreign data wrapper "w";
comment on foreign data wrapper "w" is 'w';
-- drop:
drop foreign data wrapper "w";

-- wrapper with everything
create foreign data wrapper "a""b'c\d; drop table x --/*"
  handler "afar"."handler"
  validator "pg_catalog"."postgresql_fdw_validator"
  options (host 'it''s', "UPPER" 'a=b', "a""b'c\d; drop table x --/*" E'a"b''c\\d; drop table x --/*');
comment on foreign data wrapper "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign data wrapper "a""b'c\d; drop table x --/*";

-- server
create server "s"
  foreign data wrapper "w";
comment on server "s" is 's';
-- drop:
drop server "s";

-- server with everything
create server "a""b'c\d; drop table x --/*" type E'a"b''c\\d; drop table x --/*' version E'a"b''c\\d; drop table x --/*'
  foreign data wrapper "a""b'c\d; drop table x --/*"
  options (port '5432');
comment on server "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop server "a""b'c\d; drop table x --/*";

-- user mapping of the public
create user mapping for public server "s";
-- drop:
drop user mapping for public server "s";

-- user mapping of a role
create user mapping for "a""b'c\d; drop table x --/*" server "a""b'c\d; drop table x --/*"
  options (user E'a"b''c\\d; drop table x --/*');
-- drop:
drop user mapping for "a""b'c\d; drop table x --/*" server "a""b'c\d; drop table x --/*";

-- foreign table without columns
create foreign table "public"."a""b'c\d; drop table x --/*" ()
server "s";
comment on foreign table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign table "public"."a""b'c\d; drop table x --/*";

-- foreign table
create foreign table "public"."a""b'c\d; drop table x --/*" (
  "a""b'c\d; drop table x --/*" text collate pg_catalog."C" default 'x'::text,
  "g" text generated always as ('x'::text) stored
)
server "a""b'c\d; drop table x --/*"
options (table_name E'a"b''c\\d; drop table x --/*');
alter table only "public"."a""b'c\d; drop table x --/*"
  alter column "a""b'c\d; drop table x --/*" set statistics 7,
  alter column "a""b'c\d; drop table x --/*" options ("a""b'c\d; drop table x --/*" E'a"b''c\\d; drop table x --/*', empty '');
comment on foreign table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "public"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign table "public"."a""b'c\d; drop table x --/*";

-- partition
create foreign table "public"."a""b'c\d; drop table x --/*" (
  "a" integer not null,
  "a""b'c\d; drop table x --/*" text collate pg_catalog."C" default 'x'::text,
  "g" text generated always as ('x'::text) stored
)
server "s";
alter table only "public"."p" attach partition "public"."a""b'c\d; drop table x --/*"
  DEFAULT;
alter table only "public"."a""b'c\d; drop table x --/*"
  alter column "a" options (column_name 'A'),
  alter column "a""b'c\d; drop table x --/*" set statistics 7,
  alter column "a""b'c\d; drop table x --/*" options ("a""b'c\d; drop table x --/*" E'a"b''c\\d; drop table x --/*', empty '');
comment on foreign table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "public"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign table "public"."a""b'c\d; drop table x --/*";

-- child
create foreign table "public"."a""b'c\d; drop table x --/*" (
  "a""b'c\d; drop table x --/*" text collate pg_catalog."C" default 'x'::text,
  "g" text generated always as ('x'::text) stored
)
inherits ("public"."p")
server "s";
alter table only "public"."a""b'c\d; drop table x --/*"
  alter column "a" set not null,
  alter column "a" drop default,
  alter column "a" options (column_name 'A'),
  alter column "a""b'c\d; drop table x --/*" set statistics 7,
  alter column "a""b'c\d; drop table x --/*" options ("a""b'c\d; drop table x --/*" E'a"b''c\\d; drop table x --/*', empty '');
comment on foreign table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "public"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign table "public"."a""b'c\d; drop table x --/*";

-- child that declares all itself
create foreign table "public"."a""b'c\d; drop table x --/*" (
  "a""b'c\d; drop table x --/*" text collate pg_catalog."C" default 'x'::text
)
server "s";
alter table only "public"."a""b'c\d; drop table x --/*" inherit "public"."p";
alter table only "public"."a""b'c\d; drop table x --/*"
  alter column "a""b'c\d; drop table x --/*" set statistics 7,
  alter column "a""b'c\d; drop table x --/*" options ("a""b'c\d; drop table x --/*" E'a"b''c\\d; drop table x --/*', empty '');
comment on foreign table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "public"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop foreign table "public"."a""b'c\d; drop table x --/*";

