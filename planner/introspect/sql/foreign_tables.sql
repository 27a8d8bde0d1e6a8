-- Foreign tables; their columns are read with those of all tables. Of secrets see wrappers.sql: names like "key" mean
-- something else here.
-- https://www.postgresql.org/docs/current/catalog-pg-foreign-table.html
select c.oid,
       n.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.relispartition as partition,
       coalesce(pg_catalog.pg_get_expr(c.relpartbound, c.oid), '') as bound,
       s.srvname::text as server,
       w.fdwname::text as wrapper,
       array(
         select o.option
           from pg_catalog.unnest(f.ftoptions) with ordinality as o (option, number)
          where o.option !~* '^(?!password_required=)[^=]*(pass(w|ph)|pwd|secret|token|credential)'
            and o.option !~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as options,
       array(
         select pg_catalog.split_part(o.option, '=', 1)
           from pg_catalog.unnest(f.ftoptions) with ordinality as o (option, number)
          where o.option ~* '^(?!password_required=)[^=]*(pass(w|ph)|pwd|secret|token|credential)'
             or o.option ~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as secrets
  from pg_catalog.pg_foreign_table as f
  join pg_catalog.pg_class as c on c.oid = f.ftrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_foreign_server as s on s.oid = f.ftserver
  join pg_catalog.pg_foreign_data_wrapper as w on w.oid = s.srvfdw
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by n.nspname, c.relname
