-- The functions that types, casts, languages and the like call: their rows have a number for each of them.
-- https://www.postgresql.org/docs/current/catalog-pg-proc.html
select p.oid,
       n.nspname::text as schema,
       p.proname::text as name,
       pg_catalog.oidvectortypes(p.proargtypes) as args
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
 where p.oid in (
         select pg_catalog.unnest(array[
                  t.typsubscript, -- from 14
                  t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze
                ]::pg_catalog.oid[])
           from pg_catalog.pg_type as t
          where t.oid >= 16384 and t.typtype = 'b'
          union
         select pg_catalog.unnest(array[r.rngcanonical, r.rngsubdiff]::pg_catalog.oid[])
           from pg_catalog.pg_range as r
          union
         select c.conproc
           from pg_catalog.pg_conversion as c
          where c.oid >= 16384
          union
         select c.castfunc
           from pg_catalog.pg_cast as c
          where c.oid >= 16384
          union
         select pg_catalog.unnest(array[t.trffromsql, t.trftosql]::pg_catalog.oid[])
           from pg_catalog.pg_transform as t
          union
         select pg_catalog.unnest(array[l.lanplcallfoid, l.laninline, l.lanvalidator])
           from pg_catalog.pg_language as l
          where l.oid >= 16384
          union
         select a.amhandler
           from pg_catalog.pg_am as a
          where a.oid >= 16384
          union
         select pg_catalog.unnest(
                  array[s.prsstart, s.prstoken, s.prsend, s.prslextype, s.prsheadline]::pg_catalog.oid[])
           from pg_catalog.pg_ts_parser as s
          where s.oid >= 16384
          union
         select pg_catalog.unnest(array[s.tmplinit, s.tmpllexize]::pg_catalog.oid[])
           from pg_catalog.pg_ts_template as s
          where s.oid >= 16384
       )
 order by p.oid
