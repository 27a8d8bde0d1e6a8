-- Settings that decide how the server writes expressions, types and constants, as pg_dump pins them (setup_connection
-- in pg_dump.c), for this transaction only. Those that the server does not know are passed over.
-- https://www.postgresql.org/docs/current/runtime-config-client.html
select pg_catalog.set_config(p.name, p.value, true)
  from (values ('search_path', ''), -- so that every name outside pg_catalog is written with its schema
               ('quote_all_identifiers', 'off'),
               ('client_encoding', 'UTF8'),
               ('standard_conforming_strings', 'on'),
               ('escape_string_warning', 'off'),
               ('datestyle', 'ISO, MDY'), -- constants in defaults and partition bounds
               ('intervalstyle', 'postgres'),
               ('timezone', 'UTC'),
               ('extra_float_digits', '3'),
               ('bytea_output', 'hex'),
               ('xmlbinary', 'base64'),
               ('lc_monetary', 'C'),
               ('jit', 'off'), -- compiling costs more than these queries
               ('work_mem', '64MB'), -- so that what is sorted and joined stays in memory
               ('max_parallel_workers_per_gather', '0'), -- nor does starting workers for them
               ('statement_timeout', '0'), -- the caller's context is the limit
               ('lock_timeout', '10s')) -- deparsing a view waits for whoever holds ACCESS EXCLUSIVE on what it reads
       as p (name, value)
 where exists (select from pg_catalog.pg_settings as s where pg_catalog.lower(s.name) = p.name)
 order by p.name
