-- Removes some of the large objects that are remembered, and forgets them. One that is gone by now is only forgotten.
-- https://www.postgresql.org/docs/current/lo-funcs.html
with some_of_them as (
  select m.oid from sluice.made as m order by m.oid limit $1::bigint
), unlinked as (
  select pg_catalog.lo_unlink(b.oid)
    from pg_catalog.pg_largeobject_metadata as b
   where b.oid in (select s.oid from some_of_them as s)
)
delete from sluice.made as m
 using some_of_them as s
 where m.oid = s.oid
   and (select pg_catalog.count(*) from unlinked as u) >= 0
