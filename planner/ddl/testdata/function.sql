-- function, with a body that looks like one
create FUNCTION public.f(a integer, VARIADIC b text[])
 RETURNS text
 LANGUAGE sql
AS $function$ select 'CREATE OR REPLACE ' $function$;
comment on function "public"."a""b'c\d; drop table x --/*"(a integer, VARIADIC b text[]) is E'a"b''c\\d; drop table x --/*';
-- drop:
drop function "public"."a""b'c\d; drop table x --/*"(a integer, VARIADIC b text[]);

-- procedure
create PROCEDURE public.p()
 LANGUAGE sql
BEGIN ATOMIC
 SELECT 1;
END;
comment on procedure "public"."p"() is 'a procedure';
-- drop:
drop procedure "public"."p"();

