-- What another role than the owner has granted, which may look into the schema by a grant as well.
do $$ begin create role "Gran""tor"; exception when duplicate_object or unique_violation then null; end $$;
create schema rights;
grant usage on schema rights to "Gran""tor";
create function rights.answer() returns integer language sql as 'select 42';
grant execute on function rights.answer() to "Gran""tor" with grant option;
set role "Gran""tor";
grant execute on function rights.answer() to pg_monitor;
reset role;
