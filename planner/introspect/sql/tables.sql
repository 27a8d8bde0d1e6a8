-- Ordinary and partitioned tables. Sizes are of files, rows an estimate: nothing is counted.
-- https://www.postgresql.org/docs/current/catalog-pg-class.html
-- https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE
select c.oid,
       n.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       d.description as comment,
       tn.nspname::text as type_schema,
       t.typname::text as type_name,
       false as with_oids, -- from 12
       c.relhasoids as with_oids, -- before 12
       c.relpersistence = 'u' as unlogged,
       c.relispartition as partition,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid) as bound,
       pg_catalog.pg_get_partition_constraintdef(c.oid) as within,
       case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as partition_key,
       c.reloptions as options,
       toast.reloptions as toast_options,
       c.relrowsecurity as row_security,
       c.relforcerowsecurity as force_row_sec,
       case when am.amname <> 'heap' then am.amname::text end as access_method, -- from 12
       null as access_method, -- before 12
       ts.spcname::text as tablespace,
       c.relreplident::text as identity,
       ix.relname::text as identity_index,
       case when c.reltuples <= 0 and c.relpages = 0 then -1 else c.reltuples::bigint end as rows, -- before 14
       c.reltuples::bigint as rows, -- from 14
       coalesce(case when c.relkind = 'r' then pg_catalog.pg_relation_size(c.oid) end, 0)
         / pg_catalog.current_setting('block_size')::bigint as pages,
       coalesce(case when c.relkind = 'r' then pg_catalog.pg_table_size(c.oid) end, 0) as bytes,
       not pg_catalog.has_schema_privilege(n.oid, 'usage') as is_hidden,
       pg_catalog.has_table_privilege(c.oid, 'select') as may_select, -- of its columns alone it could not be locked
       pg_catalog.pg_has_role(c.relowner, 'usage') as is_owner
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_type as t on t.oid = c.reloftype
  left join pg_catalog.pg_namespace as tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_class as toast on toast.oid = c.reltoastrelid
  left join pg_catalog.pg_am as am on am.oid = c.relam -- from 12
  left join pg_catalog.pg_tablespace as ts on ts.oid = c.reltablespace
  left join pg_catalog.pg_index as x on x.indrelid = c.oid and x.indisreplident
  left join pg_catalog.pg_class as ix on ix.oid = x.indexrelid
  left join pg_catalog.pg_description as d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0
 where c.relkind in ('r', 'p')
   and n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by c.oid
