-- as usual
CREATE RULE r AS
    ON DELETE TO public.t DO ( SELECT ';'::text;
 SELECT 2;
);
comment on rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- disabled
CREATE RULE r AS
    ON DELETE TO public.t DO ( SELECT ';'::text;
 SELECT 2;
);
alter table "public"."a""b'c\d; drop table x --/*" disable rule "a""b'c\d; drop table x --/*";
comment on rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- for replicas
CREATE RULE r AS
    ON DELETE TO public.t DO ( SELECT ';'::text;
 SELECT 2;
);
alter table "public"."a""b'c\d; drop table x --/*" enable replica rule "a""b'c\d; drop table x --/*";
comment on rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

-- always
CREATE RULE r AS
    ON DELETE TO public.t DO ( SELECT ';'::text;
 SELECT 2;
);
alter table "public"."a""b'c\d; drop table x --/*" enable always rule "a""b'c\d; drop table x --/*";
comment on rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop rule "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

