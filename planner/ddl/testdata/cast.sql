-- by a function
create cast (public."a b" as text[]) with function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"(integer, boolean);
comment on cast (public."a b" as text[]) is E'a"b''c\\d; drop table x --/*';
-- drop:
drop cast (public."a b" as text[]);

-- by text
create cast (public."a b" as text[]) with inout as assignment;
-- drop:
drop cast (public."a b" as text[]);

-- of the same bytes
create cast (public."a b" as text[]) without function as implicit;
-- drop:
drop cast (public."a b" as text[]);

