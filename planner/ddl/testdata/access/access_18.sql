-- Default privileges of large objects came with PostgreSQL 18.
alter default privileges for role "sluice other" grant select on large objects to "sluice reader";
