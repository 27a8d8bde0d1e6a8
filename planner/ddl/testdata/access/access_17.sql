-- MAINTAIN came with PostgreSQL 17.
grant maintain on closed.plain to "sluice reader";
alter default privileges for role "sluice reader" grant maintain on tables to "sluice other";
