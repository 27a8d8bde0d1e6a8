-- of nothing
create publication "p"
with (publish='');
-- drop:
drop publication "p";
-- owner:
alter publication "p" owner to "new owner";

-- of all tables
create publication "p" for
  all tables
with (publish='insert, update, delete, truncate');
-- drop:
drop publication "p";
-- owner:
alter publication "p" owner to "new owner";

-- of all tables and sequences
create publication "p" for
  all tables,
  all sequences
with (publish='insert, update, delete, truncate');
-- drop:
drop publication "p";
-- owner:
alter publication "p" owner to "new owner";

-- of all that can be said
create publication "a""b'c\d; drop table x --/*" for
  table only "public"."plain",
  only "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" ("a""b'c\d; drop table x --/*", "b") where ((a > 5)),
  tables in schema "a""b'c\d; drop table x --/*",
  tables in schema "public"
with (publish='insert, update', publish_via_partition_root=true, publish_generated_columns='stored');
-- drop:
drop publication "a""b'c\d; drop table x --/*";
-- owner:
alter publication "a""b'c\d; drop table x --/*" owner to "new owner";

