-- columns from two parents, with defaults and identity of its own
create table "public"."child" (
  "own" integer not null,
  "own_default" integer default 1
)
inherits ("public"."parent", "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*")
with (fillfactor=50);
alter table only "public"."child"
  alter column "a" set not null,
  alter column "a" drop default,
  alter column "same" drop default,
  alter column "b" set default 'child'::text,
  alter column "b" set storage external,
  alter column "i" set not null,
  alter column "i" add generated always as identity (sequence name "public"."child_i_seq" start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle),
  alter column "own" drop default;
-- drop:
drop table "public"."child";

-- nothing of its own
create table "public"."child" ()
inherits ("public"."parent");
alter table only "public"."child"
  alter column "a" drop default;
-- drop:
drop table "public"."child";

-- every column declared in the child: made a child afterwards
create table "public"."child" (
  "a" integer
);
alter table only "public"."child" inherit "public"."parent";
alter table only "public"."child" inherit "public"."other";
-- drop:
drop table "public"."child";

