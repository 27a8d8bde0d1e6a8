-- The data of large objects of these OIDs and sizes, in pieces of 1 MiB, without those that hold nothing but zeros: they
-- may be holes. The last piece of each is always there: it makes the object as long as it is.
-- https://www.postgresql.org/docs/current/lo-funcs.html
select p.oid, p."offset", p.data
  from (
         select s.oid, s.size, s."offset", pg_catalog.lo_get(s.oid, s."offset", 1048576) as data
           from (
                  select o.oid::oid as oid, o.size, g."offset"
                    from unnest($1::bigint[], $2::bigint[]) with ordinality as o (oid, size, number)
                   cross join lateral pg_catalog.generate_series(0, o.size - 1, 1048576) as g ("offset")
                   order by o.number, g."offset"
                ) as s
       ) as p
 where p."offset" + 1048576 >= p.size
    or p.data <> pg_catalog.decode(pg_catalog.repeat('00', 1048576), 'hex')
