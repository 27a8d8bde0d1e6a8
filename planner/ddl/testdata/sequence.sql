-- plain
create sequence "public"."s" as bigint
  start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle;
-- drop:
drop sequence "public"."s";

-- every option, hostile
create unlogged sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" as smallint
  start with -1 increment by -5 minvalue -32768 maxvalue -1 cache 20 cycle;
comment on sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is 'downwards';
-- owned by:
alter sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" owned by "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";
-- drop:
drop sequence "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

-- unlogged before 15
create sequence "public"."s" as bigint
  start with 1 increment by 1 minvalue 1 maxvalue 9223372036854775807 cache 1 no cycle;
-- drop:
drop sequence "public"."s";

