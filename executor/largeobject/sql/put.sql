-- Writes pieces of large objects. https://www.postgresql.org/docs/current/lo-funcs.html
select pg_catalog.lo_put(p.oid::oid, p."offset", p.data)
  from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as p (oid, "offset", data)
