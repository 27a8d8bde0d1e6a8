-- Rewrite rules, of tables and of views, but for the one that makes a view a view.
-- https://www.postgresql.org/docs/current/catalog-pg-rewrite.html
select r.oid,
       n.nspname::text as schema,
       r.rulename::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       c.relname::text as relation,
       pg_catalog.pg_get_ruledef(r.oid) as definition,
       r.ev_enabled::text as enabled
  from pg_catalog.pg_rewrite as r
  join pg_catalog.pg_class as c on c.oid = r.ev_class
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objsubid = 0
 where r.rulename <> '_RETURN'
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where (e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
                 or e.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and e.objid = r.oid)
            and e.deptype = 'e'
       )
 order by n.nspname, c.relname, r.rulename
