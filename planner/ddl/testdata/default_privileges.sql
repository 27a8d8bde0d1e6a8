-- in a schema
alter default privileges for role "a""b'c\d; drop table x --/*" in schema "public" grant insert, select on tables to "reader";
alter default privileges for role "a""b'c\d; drop table x --/*" in schema "public" grant select on tables to "a""b'c\d; drop table x --/*" with grant option;
alter default privileges for role "a""b'c\d; drop table x --/*" in schema "public" grant select on tables to public;
-- drop:
alter default privileges for role "a""b'c\d; drop table x --/*" in schema "public" revoke all on tables from "reader", "a""b'c\d; drop table x --/*", public;

-- less for the public
alter default privileges for role "a""b'c\d; drop table x --/*" revoke all on functions from public;
-- drop:
alter default privileges for role "a""b'c\d; drop table x --/*" grant all on functions to public;

-- less for the owner
alter default privileges for role "a""b'c\d; drop table x --/*" revoke all on large objects from "a""b'c\d; drop table x --/*";
alter default privileges for role "a""b'c\d; drop table x --/*" grant select on large objects to "a""b'c\d; drop table x --/*";
-- drop:
alter default privileges for role "a""b'c\d; drop table x --/*" revoke all on large objects from "a""b'c\d; drop table x --/*";
alter default privileges for role "a""b'c\d; drop table x --/*" grant all on large objects to "a""b'c\d; drop table x --/*";

