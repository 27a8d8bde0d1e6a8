-- with nothing
create policy "p" on "public"."t";
-- drop:
drop policy "p" on "public"."t";

-- with everything
create policy "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" as restrictive for update to "a""b'c\d; drop table x --/*", "reader"
  using ((a > 0))
  with check ((a < 9));
comment on policy "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop policy "a""b'c\d; drop table x --/*" on "public"."a""b'c\d; drop table x --/*";

