-- for every command
create event trigger "t" on ddl_command_end
  execute function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"();
comment on event trigger "t" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop event trigger "t";
-- owner:
alter event trigger "t" owner to "new owner";

-- for some, disabled
create event trigger "a""b'c\d; drop table x --/*" on ddl_command_end
  when tag in ('CREATE TABLE', 'it''s')
  execute function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"();
alter event trigger "a""b'c\d; drop table x --/*" disable;
comment on event trigger "a""b'c\d; drop table x --/*" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop event trigger "a""b'c\d; drop table x --/*";
-- owner:
alter event trigger "a""b'c\d; drop table x --/*" owner to "new owner";

-- for replicas
create event trigger "t" on ddl_command_end
  execute function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"();
alter event trigger "t" enable replica;
comment on event trigger "t" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop event trigger "t";
-- owner:
alter event trigger "t" owner to "new owner";

-- always
create event trigger "t" on ddl_command_end
  execute function "a""b'c\d; drop table x --/*"."a""b'c\d; drop table x --/*"();
alter event trigger "t" enable always;
comment on event trigger "t" is E'a"b''c\\d; drop table x --/*';
-- drop:
drop event trigger "t";
-- owner:
alter event trigger "t" owner to "new owner";

