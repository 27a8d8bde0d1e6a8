-- Servers of foreign-data wrappers. Secrets stay on the server, as in wrappers.sql.
-- https://www.postgresql.org/docs/current/catalog-pg-foreign-server.html
select s.oid,
       '' as schema,
       s.srvname::text as name,
       pg_catalog.pg_get_userbyid(s.srvowner)::text as owner,
       coalesce(d.description, '') as comment,
       w.fdwname::text as wrapper,
       coalesce(s.srvtype, '') as type,
       coalesce(s.srvversion, '') as version,
       array(
         select o.option
           from pg_catalog.unnest(s.srvoptions) with ordinality as o (option, number)
          where o.option !~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
            and o.option !~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as options,
       array(
         select pg_catalog.split_part(o.option, '=', 1)
           from pg_catalog.unnest(s.srvoptions) with ordinality as o (option, number)
          where o.option ~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
             or o.option ~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as secrets
  from pg_catalog.pg_foreign_server as s
  join pg_catalog.pg_foreign_data_wrapper as w on w.oid = s.srvfdw
  left join pg_catalog.pg_description as d
    on d.objoid = s.oid and d.classoid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass and d.objsubid = 0
 where not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass and e.objid = s.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by s.srvname
