-- plain
CREATE UNIQUE INDEX i ON public.t USING btree (a);
comment on index "public"."i" is 'an index';
-- drop:
drop index "public"."i";

-- attached
CREATE INDEX t_1_i ON public.t_1 USING btree (a);
alter index "a""b'c\d; drop table x --/*"."i" attach partition "public"."a""b'c\d; drop table x --/*";
comment on index "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop index "public"."a""b'c\d; drop table x --/*";

-- clustered
CREATE INDEX i ON public.t USING btree (a);
alter table "public"."a""b'c\d; drop table x --/*" cluster on "a""b'c\d; drop table x --/*";
-- drop:
drop index "public"."a""b'c\d; drop table x --/*";

-- clustered, on a materialised view
CREATE INDEX i ON public.m USING btree (a);
alter materialized view "public"."m" cluster on "i";
-- drop:
drop index "public"."i";

