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

-- materialised view
create materialized view "public"."m" ("a") with (fillfactor=90) as
 SELECT 1 AS a
with no data;
comment on materialized view "public"."m" is E'a"b''c\\d; drop table x --/*';
-- refresh:
refresh materialized view "public"."m";
-- drop:
drop materialized view "public"."m";

