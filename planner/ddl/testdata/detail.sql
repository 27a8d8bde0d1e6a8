-- index with a tablespace, and the same words in names
CREATE INDEX i ON public." WHERE " USING btree (((a || ' WHERE '::text)), "x"" WHERE ") WITH (fillfactor='70') tablespace "a""b'c\d; drop table x --/*" WHERE (b = E'\\'' WHERE '::text);
alter index "public"."i" alter column 1 set statistics 0;
alter index "public"."i" alter column 3 set statistics 500;
-- drop:
drop index "public"."i";

-- index with a tablespace, of all rows
CREATE INDEX i ON public.t USING btree (a) tablespace "fast";
-- drop:
drop index "public"."i";

-- key with a tablespace
create unique index "a""b'c\d; drop table x --/*" on "public"."t" (" DEFERRABLE") INCLUDE (b) with (fillfactor=70) tablespace "a""b'c\d; drop table x --/*";
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" PRIMARY KEY using index "a""b'c\d; drop table x --/*" DEFERRABLE;
comment on index "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- exclusion with a tablespace
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" EXCLUDE USING gist (box(a, b) WITH &&) WITH (fillfactor='70') using index tablespace "fast" WHERE ((a > 0)) DEFERRABLE INITIALLY DEFERRED;
alter index "public"."a""b'c\d; drop table x --/*" alter column 1 set statistics 9;
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- inherited check with a comment
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';

-- trigger with other copies
CREATE TRIGGER t AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
alter table "public"."t" enable always trigger "a""b'c\d; drop table x --/*";
alter table only "public"."t_1" enable trigger "a""b'c\d; drop table x --/*";
alter table only "public"."a""b'c\d; drop table x --/*" disable trigger "a""b'c\d; drop table x --/*";
-- drop:
drop trigger "a""b'c\d; drop table x --/*" on "public"."t";

-- key that goes with extensions
create unique index "k" on "public"."t" (a);
alter table only "public"."t"
  add constraint "k" UNIQUE using index "k";
alter index "public"."k" depends on extension "citext";
alter index "public"."k" depends on extension "a""b'c\d; drop table x --/*";
-- drop:
alter table "public"."t" drop constraint "k";

-- trigger that goes with extensions
CREATE TRIGGER tr AFTER INSERT ON public.t EXECUTE FUNCTION public.f();
alter trigger "tr" on "public"."t" depends on extension "citext";
alter trigger "tr" on "public"."t" depends on extension "a""b'c\d; drop table x --/*";
-- drop:
drop trigger "tr" on "public"."t";

-- materialised view that goes with extensions
create materialized view "public"."m" as
 SELECT 1 AS a
with no data;
alter materialized view "public"."m" depends on extension "citext";
alter materialized view "public"."m" depends on extension "a""b'c\d; drop table x --/*";
-- refresh:
refresh materialized view "public"."m";
-- drop:
drop materialized view "public"."m";

