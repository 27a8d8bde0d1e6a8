-- Settings under which declared expressions are checked, for this transaction only: first those of executor/session
-- that decide how SQL is read, since it is there that they are evaluated; then those that decide how they are planned,
-- and how long it may take. Those that the server does not know are passed over.
-- https://www.postgresql.org/docs/current/runtime-config-client.html
select pg_catalog.set_config(p.name, p.value, true)
  from (values ('search_path', ''),
               ('client_encoding', 'UTF8'),
               ('datestyle', 'ISO, YMD'),
               ('intervalstyle', 'postgres'),
               ('timezone', 'UTC'),
               ('extra_float_digits', '3'),
               ('bytea_output', 'hex'),
               ('quote_all_identifiers', 'off'),
               ('standard_conforming_strings', 'on'),
               ('xmloption', 'content'),
               ('xmlbinary', 'base64'),
               ('transform_null_equals', 'off'),
               ('array_nulls', 'on'),
               ('lc_monetary', 'C'),
               ('row_security', 'off'),
               ('escape_string_warning', 'off'),
               ('constraint_exclusion', 'on'), -- how what is mutable is found out
               ('force_parallel_mode', 'off'), -- nothing on top of the plan
               ('debug_parallel_query', 'off'), -- from 16 its name
               ('jit', 'off'),
               ('max_parallel_workers_per_gather', '0'),
               ('statement_timeout', '30s'), -- a function of constants is called when the statement is planned
               ('lock_timeout', '10s')) -- and may read a table
       as p (name, value)
 where exists (select from pg_catalog.pg_settings as s where pg_catalog.lower(s.name) = p.name)
 order by p.name
