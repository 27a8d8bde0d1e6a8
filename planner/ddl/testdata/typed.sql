-- nothing of its own
create table "public"."t" of "public"."pair";
-- drop:
drop table "public"."t";

-- a column with something of its own, partitioned
create table "public"."t" of "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" (
  "a""b'c\d; drop table x --/*" with options default 1 not null
)
partition by LIST (a);
alter table only "public"."t"
  alter column "a""b'c\d; drop table x --/*" set storage plain,
  alter column "a""b'c\d; drop table x --/*" set statistics 7;
comment on column "public"."t"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop table "public"."t";

