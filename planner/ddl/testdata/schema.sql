-- plain
create schema "billing";
-- drop:
drop schema "billing";

-- hostile, with a comment
create schema "a""b'c\d; drop table x --/*";
comment on schema "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop schema "a""b'c\d; drop table x --/*";

