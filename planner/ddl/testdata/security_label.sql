-- on a table
security label for "a""b'c\d; drop table x --/*" on table "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
security label for "a""b'c\d; drop table x --/*" on table "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is null;

-- on a column
security label for "a""b'c\d; drop table x --/*" on column "public"."v"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
security label for "a""b'c\d; drop table x --/*" on column "public"."v"."a""b'c\d; drop table x --/*" is null;

-- on a function or procedure
security label for "a""b'c\d; drop table x --/*" on routine "public"."f"(a integer) is E'a"b''c\\d; drop table x --/*';
-- drop:
security label for "a""b'c\d; drop table x --/*" on routine "public"."f"(a integer) is null;

-- on an aggregate
security label for "a""b'c\d; drop table x --/*" on aggregate "public"."sum"(integer) is E'a"b''c\\d; drop table x --/*';
-- drop:
security label for "a""b'c\d; drop table x --/*" on aggregate "public"."sum"(integer) is null;

-- on a schema
security label for "a""b'c\d; drop table x --/*" on schema "public" is E'a"b''c\\d; drop table x --/*';
-- drop:
security label for "a""b'c\d; drop table x --/*" on schema "public" is null;

