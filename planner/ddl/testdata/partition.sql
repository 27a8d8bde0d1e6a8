-- partitioned
create table "public"."orders" (
  "a""b'c\d; drop table x --/*" timestamp with time zone not null
)
partition by RANGE ("a""b'c\d; drop table x --/*", lower(id));
comment on table "public"."orders" is 'parent';
comment on column "public"."orders"."a""b'c\d; drop table x --/*" is 'when';
-- drop:
drop table "public"."orders";

-- partition that is partitioned, its identity the parent's
create table "a""b'c\d; drop table x --/*"."orders_1" (
  "id" bigint not null,
  "a""b'c\d; drop table x --/*" timestamp with time zone not null
)
partition by LIST (id);
alter table only "public"."orders" attach partition "a""b'c\d; drop table x --/*"."orders_1"
  FOR VALUES FROM ('2024-01-01') TO (MAXVALUE);
comment on column "a""b'c\d; drop table x --/*"."orders_1"."a""b'c\d; drop table x --/*" is 'when';
-- drop:
drop table "a""b'c\d; drop table x --/*"."orders_1";

-- partition with identity of its own
create table "public"."orders_1" (
  "id" bigint generated always as identity (sequence name "public"."orders_1_id_seq" start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle) not null
);
alter table only "public"."orders" attach partition "public"."orders_1"
  DEFAULT;
-- drop:
drop table "public"."orders_1";

-- partition with identity of its own, 17
create table "public"."orders_1" (
  "id" bigint not null
);
alter table only "public"."orders" attach partition "public"."orders_1"
  DEFAULT;
-- drop:
drop table "public"."orders_1";

-- default partition with a default of its own
create table "public"."orders_default" (
  "a" integer default 5
);
alter table only "public"."orders" attach partition "public"."orders_default"
  DEFAULT;
alter table only "public"."orders_default"
  alter column "a" set statistics 100;
-- drop:
drop table "public"."orders_default";

-- unlogged and partitioned, 17
create unlogged table "public"."u" (
  "id" bigint not null
)
partition by HASH (id);
-- drop:
drop table "public"."u";

-- unlogged and partitioned, 18
create table "public"."u" (
  "id" bigint not null
)
partition by HASH (id);
-- drop:
drop table "public"."u";

