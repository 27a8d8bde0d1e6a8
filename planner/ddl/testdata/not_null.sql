-- named, not inherited, plain
create table "public"."t" (
  "a" integer constraint "a""b'c\d; drop table x --/*" not null,
  "b" integer not null no inherit,
  "c" integer not null
);
comment on column "public"."t"."a" is 'a column';
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop table "public"."t";

-- of inherited columns
create table "public"."t" (
  constraint "a""b'c\d; drop table x --/*" not null "a",
  not null "b" no inherit
)
inherits ("public"."parent");
alter table only "public"."t"
  alter column "a" drop default,
  alter column "b" drop default,
  alter column "c" set not null,
  alter column "c" drop default,
  alter column "d" drop default;
comment on column "public"."t"."a" is 'a column';
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';
comment on constraint "parents" on "public"."t" is 'the child''s';
-- drop:
drop table "public"."t";

-- not valid
alter table "public"."t"
  add constraint "a""b'c\d; drop table x --/*" NOT NULL a NOT VALID;
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- valid where the parent's is not
alter table "public"."t" validate constraint "a""b'c\d; drop table x --/*";
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';

