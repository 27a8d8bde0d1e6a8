-- The next large objects by OID. Their sizes are where a seek to the end arrives: pg_largeobject is for superusers.
-- 262144 is INV_READ, 2 is SEEK_END. https://www.postgresql.org/docs/current/lo-funcs.html
select p.oid,
       pg_catalog.lo_lseek64(p.descriptor, 0, 2) + pg_catalog.lo_close(p.descriptor) as size, -- closing gives 0
       p.owner,
       p.comment
  from (
         select m.oid,
                pg_catalog.pg_get_userbyid(m.lomowner)::text as owner,
                coalesce(pg_catalog.obj_description(m.oid, 'pg_largeobject'), '') as comment,
                pg_catalog.lo_open(m.oid, 262144) as descriptor
           from (
                  select b.oid, b.lomowner
                    from pg_catalog.pg_largeobject_metadata as b
                   where b.oid > $1::bigint::oid
                   order by b.oid
                   limit $2::bigint
                ) as m
         offset 0
       ) as p
 order by p.oid
