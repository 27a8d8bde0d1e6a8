-- language
create procedural language "pl" handler "public"."pl_handler";
comment on language "pl" is 'spoken';
-- drop:
drop language "pl";

-- language with everything, hostile
create trusted procedural language "a""b'c\d; drop table x --/*" handler "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" inline "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" validator "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";
comment on language "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop language "a""b'c\d; drop table x --/*";

-- transform
create transform for public."a b" language "a""b'c\d; drop table x --/*" (from sql with function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(internal), to sql with function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(internal));
comment on transform for public."a b" language "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop transform for public."a b" language "a""b'c\d; drop table x --/*";

-- transform one way
create transform for public."a b" language "a""b'c\d; drop table x --/*" (to sql with function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(internal));
comment on transform for public."a b" language "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop transform for public."a b" language "a""b'c\d; drop table x --/*";

-- index access method
create access method "a""b'c\d; drop table x --/*" type index handler "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";
comment on access method "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop access method "a""b'c\d; drop table x --/*";

-- table access method
create access method "heap2" type table handler "pg_catalog"."heap_tableam_handler";
-- drop:
drop access method "heap2";

-- function in C
create FUNCTION public.f()
 RETURNS integer
 LANGUAGE c
AS '$libdir/lib', $function$f$function$;
-- drop:
drop function "public"."f"();

