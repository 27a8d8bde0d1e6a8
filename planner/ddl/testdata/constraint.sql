-- primary key
alter table only "public"."t"
  add constraint "t_pkey" PRIMARY KEY (id);
alter table "public"."t" cluster on "t_pkey";
-- drop:
alter table "public"."t" drop constraint "t_pkey";

-- key of a partition
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" PRIMARY KEY (id);
alter index "a""b'c\d; drop table x --/*"."p" attach partition "public"."a""b'c\d; drop table x --/*";
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- key with storage parameters
alter table only "public"."t"
  add constraint "u" UNIQUE (a) INCLUDE (b) with (fillfactor=70);
-- drop:
alter table "public"."t" drop constraint "u";

-- deferrable key with storage parameters and a column of that name
alter table only "public"."t"
  add constraint "u" UNIQUE ("x DEFERRABLE") with (fillfactor=70) DEFERRABLE INITIALLY DEFERRED;
-- drop:
alter table "public"."t" drop constraint "u";

-- exclusion
alter table only "public"."t"
  add constraint "x" EXCLUDE USING gist (during WITH &&) WITH (fillfactor='70') WHERE ((a > 0));
-- drop:
alter table "public"."t" drop constraint "x";

-- check with a comment
alter table "public"."t"
  add constraint "a""b'c\d; drop table x --/*" CHECK ((a > 0));
comment on constraint "a""b'c\d; drop table x --/*" on "public"."t" is E'a"b''c\\d; drop table x --/*';
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- check that is not valid
alter table "public"."t"
  add constraint "c" CHECK ((a > 0)) NOT VALID;
-- drop:
alter table "public"."t" drop constraint "c";

-- foreign key
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" FOREIGN KEY (a) REFERENCES public.o(id) DEFERRABLE INITIALLY DEFERRED not valid;
alter table "public"."t" validate constraint "a""b'c\d; drop table x --/*";
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- foreign key that is not valid
alter table only "public"."t"
  add constraint "f" FOREIGN KEY (a) REFERENCES public.o(id) NOT VALID;
-- drop:
alter table "public"."t" drop constraint "f";

-- foreign key to a partitioned table
alter table only "public"."t"
  add constraint "f" FOREIGN KEY (a) REFERENCES public.o(id);
-- drop:
alter table "public"."t" drop constraint "f";

-- foreign key of a partitioned table
alter table "public"."t"
  add constraint "f" FOREIGN KEY (a) REFERENCES public.o(id);
-- drop:
alter table "public"."t" drop constraint "f";

