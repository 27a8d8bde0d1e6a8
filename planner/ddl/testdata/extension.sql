-- in the version of the catalog
create extension "hstore" with schema "public" version '1.8';
-- drop:
drop extension "hstore";

-- in the default version, with a comment of its own
create extension "a""b'c\d; drop table x --/*" with schema "a""b'c\d; drop table x --/*";
comment on extension "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop extension "a""b'c\d; drop table x --/*";

-- hostile version
create extension "x" with schema "public" version E'a"b''c\\d; drop table x --/*';
-- drop:
drop extension "x";

