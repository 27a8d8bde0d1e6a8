-- plain
CREATE STATISTICS public.s (mcv) ON a, b FROM public.t;
-- drop:
drop statistics "public"."s";

-- with a target
CREATE STATISTICS public.s ON (a + b) FROM public.t;
alter statistics "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" set statistics 0;
comment on statistics "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop statistics "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*";

