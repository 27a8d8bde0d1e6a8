-- Parsers of text search. https://www.postgresql.org/docs/current/catalog-pg-ts-parser.html
select p.oid,
       n.nspname::text as schema,
       p.prsname::text as name,
       '' as owner,
       coalesce(d.description, '') as comment,
       p.prsstart::pg_catalog.oid as start,
       p.prstoken::pg_catalog.oid as token,
       p.prsend::pg_catalog.oid as "end",
       p.prslextype::pg_catalog.oid as lex_types,
       p.prsheadline::pg_catalog.oid as headline
  from pg_catalog.pg_ts_parser as p
  join pg_catalog.pg_namespace as n on n.oid = p.prsnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_ts_parser'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_ts_parser'::pg_catalog.regclass and e.objid = p.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, p.prsname
