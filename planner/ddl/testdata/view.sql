-- view
create view "public"."a""b'c\d; drop table x --/*" ("a", "a""b'c\d; drop table x --/*") with (security_barrier=true, check_option='local') as
 SELECT 1 AS a,
    ';'::text AS b;
comment on view "public"."a""b'c\d; drop table x --/*" is 'a view';
-- drop:
drop view "public"."a""b'c\d; drop table x --/*";

-- view without columns
create view "public"."v" as
 SELECT;
-- drop:
drop view "public"."v";

-- columns with defaults and comments
create view "public"."v" ("a", "a""b'c\d; drop table x --/*") as
 SELECT 1 AS a,
    'x'::text AS b;
alter view "public"."v" alter column "a" set default nextval('public.s'::regclass);
alter view "public"."v" alter column "a""b'c\d; drop table x --/*" set default 'it''s'::text;
comment on view "public"."v" is 'a view';
comment on column "public"."v"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop view "public"."v";

-- materialised view
create materialized view "public"."m" ("a")
with (fillfactor=90) as
 SELECT 1 AS a
with no data;
comment on materialized view "public"."m" is E'a"b''c\\d; drop table x --/*';
-- refresh:
refresh materialized view "public"."m";
-- drop:
drop materialized view "public"."m";

-- materialised view with everything
create materialized view "public"."a""b'c\d; drop table x --/*" ("a", "a""b'c\d; drop table x --/*")
using "a""b'c\d; drop table x --/*"
with (autovacuum_enabled=false, toast.autovacuum_vacuum_threshold=7)
tablespace "a""b'c\d; drop table x --/*" as
 SELECT 1 AS a,
    'x'::text AS b
with no data;
alter materialized view "public"."a""b'c\d; drop table x --/*"
  alter column "a" set statistics 0,
  alter column "a" set (n_distinct=-0.5),
  alter column "a""b'c\d; drop table x --/*" set storage external,
  alter column "a""b'c\d; drop table x --/*" set compression lz4;
comment on column "public"."a""b'c\d; drop table x --/*"."a" is 'a number';
-- refresh:
refresh materialized view "public"."a""b'c\d; drop table x --/*";
-- drop:
drop materialized view "public"."a""b'c\d; drop table x --/*";

-- materialised view with everything, before 14
create materialized view "public"."a""b'c\d; drop table x --/*" ("a", "a""b'c\d; drop table x --/*")
using "a""b'c\d; drop table x --/*"
with (autovacuum_enabled=false, toast.autovacuum_vacuum_threshold=7)
tablespace "a""b'c\d; drop table x --/*" as
 SELECT 1 AS a,
    'x'::text AS b
with no data;
alter materialized view "public"."a""b'c\d; drop table x --/*"
  alter column "a" set statistics 0,
  alter column "a" set (n_distinct=-0.5),
  alter column "a""b'c\d; drop table x --/*" set storage external;
comment on column "public"."a""b'c\d; drop table x --/*"."a" is 'a number';
-- refresh:
refresh materialized view "public"."a""b'c\d; drop table x --/*";
-- drop:
drop materialized view "public"."a""b'c\d; drop table x --/*";

