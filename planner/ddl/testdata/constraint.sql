-- primary key
create unique index "t_pkey" on "public"."t" (id);
alter table only "public"."t"
  add constraint "t_pkey" PRIMARY KEY using index "t_pkey";
alter table "public"."t" cluster on "t_pkey";
-- drop:
alter table "public"."t" drop constraint "t_pkey";

-- key of a partition
create unique index "a""b'c\d; drop table x --/*" on "public"."t" (id);
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" PRIMARY KEY using index "a""b'c\d; drop table x --/*";
alter index "a""b'c\d; drop table x --/*"."p" attach partition "public"."a""b'c\d; drop table x --/*";
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- key with storage parameters
create unique index "u" on "public"."t" (a) INCLUDE (b) with (fillfactor=70);
alter table only "public"."t"
  add constraint "u" UNIQUE using index "u";
-- drop:
alter table "public"."t" drop constraint "u";

-- deferrable key with storage parameters and a column of that name
create unique index "u" on "public"."t" ("x DEFERRABLE") with (fillfactor=70);
alter table only "public"."t"
  add constraint "u" UNIQUE using index "u" DEFERRABLE INITIALLY DEFERRED;
-- drop:
alter table "public"."t" drop constraint "u";

-- key that takes every clause
create unique index "a""b'c\d; drop table x --/*" on "public"."t" (a, ") DEFERRABLE (") INCLUDE (b) NULLS NOT DISTINCT with (fillfactor=70) tablespace "a""b'c\d; drop table x --/*";
alter table only "public"."t"
  add constraint "a""b'c\d; drop table x --/*" UNIQUE using index "a""b'c\d; drop table x --/*" DEFERRABLE;
-- drop:
alter table "public"."t" drop constraint "a""b'c\d; drop table x --/*";

-- key of a partitioned table
alter table only "public"."t"
  add constraint "p" PRIMARY KEY (id);
-- drop:
alter table "public"."t" drop constraint "p";

-- primary key of a partition, on 18
alter table only "public"."t"
  add constraint "p" PRIMARY KEY (id);
-- drop:
alter table "public"."t" drop constraint "p";

-- primary key of a partition, before 18
create unique index "p" on "public"."t" (id);
alter table only "public"."t"
  add constraint "p" PRIMARY KEY using index "p";
-- drop:
alter table "public"."t" drop constraint "p";

-- key of periods
alter table only "public"."t"
  add constraint "p" PRIMARY KEY (id, during WITHOUT OVERLAPS) with (fillfactor=70) using index tablespace "fast";
-- drop:
alter table "public"."t" drop constraint "p";

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
  add constraint "f" FOREIGN KEY (a) REFERENCES public.o(id) not valid;
alter table "public"."t" validate constraint "f";
-- drop:
alter table "public"."t" drop constraint "f";

-- foreign key of a partitioned table
alter table "public"."t"
  add constraint "f" FOREIGN KEY (a) REFERENCES public.o(id) not valid;
alter table "public"."t" validate constraint "f";
-- drop:
alter table "public"."t" drop constraint "f";

