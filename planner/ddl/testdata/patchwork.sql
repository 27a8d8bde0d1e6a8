-- the child's own column stands before the parents' late ones
create table "public"."sluice columns of a""b'c\d; drop table x --/*" (
  "a" integer constraint "a""b'c\d; drop table x --/*_a_not_null" not null,
  "own" integer,
  "a""b'c\d; drop table x --/*" text collate pg_catalog."C",
  "g" integer generated always as ((a * 2)) stored,
  "named" integer constraint "a""b'c\d; drop table x --/*" not null
);
create table "public"."a""b'c\d; drop table x --/*" (
  "own" integer default 1 not null
)
inherits ("public"."sluice columns of a""b'c\d; drop table x --/*")
with (fillfactor=50);
alter table only "public"."a""b'c\d; drop table x --/*" inherit "public"."parent";
alter table only "public"."a""b'c\d; drop table x --/*" inherit "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";
alter table only "public"."a""b'c\d; drop table x --/*" no inherit "public"."sluice columns of a""b'c\d; drop table x --/*";
drop table "public"."sluice columns of a""b'c\d; drop table x --/*";
alter table only "public"."a""b'c\d; drop table x --/*"
  alter column "a" drop default,
  alter column "own" set storage plain,
  alter column "a""b'c\d; drop table x --/*" set not null,
  alter column "a""b'c\d; drop table x --/*" set default 'x'::text,
  alter column "named" drop default,
  alter column "named" set statistics 7;
comment on table "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
comment on column "public"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop table "public"."a""b'c\d; drop table x --/*";

-- foreign
create table "public"."sluice columns of child" (
  "a" integer constraint "child_a_not_null" not null,
  "own" integer
);
create foreign table "public"."child" (
  "own" integer default 1 not null
)
inherits ("public"."sluice columns of child")
server "s";
alter table only "public"."child" inherit "public"."parent";
alter table only "public"."child" no inherit "public"."sluice columns of child";
drop table "public"."sluice columns of child";
alter table only "public"."child"
  alter column "a" drop default,
  alter column "own" set storage plain;
-- drop:
drop foreign table "public"."child";

-- every column declared in the child
create table "public"."child" (
  "own" integer default 1 not null
);
alter table only "public"."child" inherit "public"."parent";
alter table only "public"."child"
  alter column "own" set storage plain;
-- drop:
drop table "public"."child";

