-- as usual
CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
comment on trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- disabled
CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
alter table "public"."a""b'c\d; drop table x --/*" disable trigger "a""b'c\d; drop table x --/*";
comment on trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- for replicas
CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
alter table "public"."a""b'c\d; drop table x --/*" enable replica trigger "a""b'c\d; drop table x --/*";
comment on trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- always
CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
alter table "public"."a""b'c\d; drop table x --/*" enable always trigger "a""b'c\d; drop table x --/*";
comment on trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop trigger "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

