-- What an expression gives ($1, its modifier $2) beside what it is to give ($3, its modifier $4); 0: no such type. A
-- type is followed through domains to what it is over in the end, and fits where the server converts it without being
-- told (an implicit cast, of arrays that of their elements), or only has to call the same bytes by another name.
-- https://www.postgresql.org/docs/current/catalog-pg-cast.html
with recursive over (type, oid, typbasetype) as (
  select t.oid, t.oid, t.typbasetype
    from pg_catalog.pg_type as t
   where t.oid in ($1::pg_catalog.oid, $3::pg_catalog.oid)
   union all
  select o.type, t.oid, t.typbasetype
    from over as o
    join pg_catalog.pg_type as t on t.oid = o.typbasetype
), bases as (
  select o.type, o.oid, t.typcategory, t.typtype, coalesce(el.oid, 0) as element
    from over as o
    join pg_catalog.pg_type as t on t.oid = o.oid
    left join pg_catalog.pg_type as el on el.oid = t.typelem and el.typarray = t.oid
   where o.typbasetype = 0
)
select coalesce(pg_catalog.format_type(r.type, $2::integer), '') as result,
       coalesce(pg_catalog.format_type(b.type, $4::integer), '') as "as",
       coalesce(pg_catalog.format_type(b.oid, -1), '') as base, -- not null, which of char is one character
       coalesce(r.oid = b.oid, false) or exists (
         select from pg_catalog.pg_cast as c
          where (c.castsource, c.casttarget) in ((r.oid, b.oid), (r.element, b.element))
            and (c.castcontext = 'i' or c.castcontext = 'a' and c.castmethod = 'b')
       ) as fits,
       coalesce(b.typcategory = 'S', false) as of_strings,
       coalesce(b.typtype = 'p', false) as pseudo,
       coalesce(b.oid, 0) as base_oid,
       coalesce(b.element, 0) as element
  from (values (true)) as one
  left join bases as r on r.type = $1::pg_catalog.oid
  left join bases as b on b.type = $3::pg_catalog.oid
 order by result
