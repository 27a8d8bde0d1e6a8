-- Objects of extended statistics. They may be in another schema than their table.
-- https://www.postgresql.org/docs/current/catalog-pg-statistic-ext.html
select s.oid,
       n.nspname::text as schema,
       s.stxname::text as name,
       pg_catalog.pg_get_userbyid(s.stxowner)::text as owner,
       coalesce(d.description, '') as comment,
       c.oid as relation_oid,
       cn.nspname::text as relation_schema,
       c.relname::text as relation,
       pg_catalog.pg_get_statisticsobjdef(s.oid) as definition,
       coalesce(s.stxstattarget, -1)::integer as target -- from 13
       -1 as target -- before 13
  from pg_catalog.pg_statistic_ext as s
  join pg_catalog.pg_namespace as n on n.oid = s.stxnamespace
  join pg_catalog.pg_class as c on c.oid = s.stxrelid
  join pg_catalog.pg_namespace as cn on cn.oid = c.relnamespace
  left join pg_catalog.pg_description as d
    on d.objoid = s.oid and d.classoid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass and d.objsubid = 0
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and cn.nspname <> 'sluice'
   and not exists (
         select from pg_catalog.pg_depend as e
          where (e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
                 or e.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass and e.objid = s.oid)
            and e.deptype = 'e'
       )
 order by n.nspname, s.stxname
