-- Event triggers.
create schema events;
create function events."Fun""c; --"() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger "watch""; --" on ddl_command_end when tag in ('CREATE TABLE', 'ALTER TABLE') execute function events."Fun""c; --"();
comment on event trigger "watch""; --" is 'it''s \ watching';
create event trigger on_start on ddl_command_start execute function events."Fun""c; --"();
alter event trigger on_start disable;
create event trigger on_drop on sql_drop when tag in ('DROP TABLE') execute function events."Fun""c; --"();
alter event trigger on_drop enable replica;
create event trigger on_rewrite on table_rewrite execute function events."Fun""c; --"();
alter event trigger on_rewrite enable always;
