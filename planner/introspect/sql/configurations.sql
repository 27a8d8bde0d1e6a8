-- Configurations of text search. https://www.postgresql.org/docs/current/catalog-pg-ts-config.html
select c.oid,
       n.nspname::text as schema,
       c.cfgname::text as name,
       pg_catalog.pg_get_userbyid(c.cfgowner)::text as owner,
       coalesce(d.description, '') as comment,
       pn.nspname::text as parser_schema,
       p.prsname::text as parser_name
  from pg_catalog.pg_ts_config as c
  join pg_catalog.pg_namespace as n on n.oid = c.cfgnamespace
  join pg_catalog.pg_ts_parser as p on p.oid = c.cfgparser
  join pg_catalog.pg_namespace as pn on pn.oid = p.prsnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.cfgname
