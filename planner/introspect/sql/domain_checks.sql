-- Constraints of domains, whosever they are. NOT NULL is one since 17, and a property of the domain to us.
-- https://www.postgresql.org/docs/current/catalog-pg-constraint.html
select k.contypid as domain,
       k.conname::text as name,
       pg_catalog.pg_get_constraintdef(k.oid) as definition,
       coalesce(d.description, '') as comment
  from pg_catalog.pg_constraint as k
  left join pg_catalog.pg_description as d
    on d.objoid = k.oid and d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objsubid = 0
 where k.contypid <> 0
   and k.contype = 'c'
 order by k.contypid, k.conname
