-- Makes empty large objects and remembers them; sluice.made stands for the table that does.
-- https://www.postgresql.org/docs/current/lo-funcs.html
insert into sluice.made (oid)
select pg_catalog.lo_create(o.oid::oid)
  from unnest($1::bigint[]) as o (oid)
