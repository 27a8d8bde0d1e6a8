-- What lives in a schema, or on a relation that does, and is not carried over. Of views that is what they have beside
-- their query: defaults and comments of columns.
-- https://www.postgresql.org/docs/current/catalogs.html
select o.class::oid as class,
       o.oid,
       o.kind,
       o.schema,
       o.relation_oid,
       o.relation,
       o.name,
       o.args,
       case when o.owner = 0 then '' else pg_catalog.pg_get_userbyid(o.owner)::text end as owner,
       coalesce(d.description, '') as comment,
       o.reason,
       '' as code
  from (
         select 'pg_catalog.pg_class'::pg_catalog.regclass as class, c.oid, 'foreign table' as kind,
                n.nspname::text as schema, '' as relation, c.relname::text as name, '' as args, c.relowner as owner,
                0::oid as relation_oid, '' as reason
           from pg_catalog.pg_class as c
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          where c.relkind = 'f'
          union all
         select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid, 'default value', n.nspname::text,
                c.relname::text, a.attname::text, '', c.relowner, c.oid, ''
           from pg_catalog.pg_attrdef as f
           join pg_catalog.pg_class as c on c.oid = f.adrelid
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
           join pg_catalog.pg_attribute as a on a.attrelid = f.adrelid and a.attnum = f.adnum
          where c.relkind = 'v'
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, 0, 'column comment', n.nspname::text,
                c.relname::text, a.attname::text, '', c.relowner, c.oid, ''
           from pg_catalog.pg_description as d
           join pg_catalog.pg_class as c on c.oid = d.objoid
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
           join pg_catalog.pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid
          where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.objsubid > 0
            and c.relkind in ('v', 'm')
          union all
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 'constraint', n.nspname::text,
                c.relname::text, k.conname::text, '', c.relowner, c.oid, 'a NOT NULL that is not validated'
           from pg_catalog.pg_constraint as k
           join pg_catalog.pg_class as c on c.oid = k.conrelid
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          where k.contype = 'n' and not k.convalidated
          union all
         select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 'aggregate', n.nspname::text, '', p.proname::text,
                pg_catalog.pg_get_function_identity_arguments(p.oid), p.proowner, 0, ''
           from pg_catalog.pg_proc as p
           join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
          where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
            and p.prokind = 'a' -- from 11
            and p.proisagg -- before 11
          union all
         select 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, 'operator', n.nspname::text, '',
                o.oprname::text,
                coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'NONE') || ', '
                  || coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), 'NONE'), o.oprowner, 0, ''
           from pg_catalog.pg_operator as o
           join pg_catalog.pg_namespace as n on n.oid = o.oprnamespace
          where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
          union all
         select 'pg_catalog.pg_opclass'::pg_catalog.regclass, o.oid, 'operator class', n.nspname::text, '',
                o.opcname::text, a.amname::text, o.opcowner, 0, ''
           from pg_catalog.pg_opclass as o
           join pg_catalog.pg_am as a on a.oid = o.opcmethod
           join pg_catalog.pg_namespace as n on n.oid = o.opcnamespace
          union all
         select 'pg_catalog.pg_opfamily'::pg_catalog.regclass, o.oid, 'operator family', n.nspname::text, '',
                o.opfname::text, a.amname::text, o.opfowner, 0, ''
           from pg_catalog.pg_opfamily as o
           join pg_catalog.pg_am as a on a.oid = o.opfmethod
           join pg_catalog.pg_namespace as n on n.oid = o.opfnamespace
          union all
         select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, 'statistics object', n.nspname::text, '',
                s.stxname::text, '', s.stxowner, s.stxrelid, ''
           from pg_catalog.pg_statistic_ext as s
           join pg_catalog.pg_namespace as n on n.oid = s.stxnamespace
          union all
         select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, 'rule', n.nspname::text, c.relname::text,
                r.rulename::text, '', c.relowner, c.oid, ''
           from pg_catalog.pg_rewrite as r
           join pg_catalog.pg_class as c on c.oid = r.ev_class
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          where r.rulename <> '_RETURN'
          union all
         select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 'policy', n.nspname::text, c.relname::text,
                p.polname::text, '', c.relowner, c.oid, ''
           from pg_catalog.pg_policy as p
           join pg_catalog.pg_class as c on c.oid = p.polrelid
           join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
       ) as o
  left join pg_catalog.pg_description as d on d.objoid = o.oid and d.classoid = o.class and d.objsubid = 0
 where o.schema !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = o.class and e.objid = o.oid and e.deptype = 'e'
       )
   and not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = o.relation_oid and e.deptype = 'e'
       )
 order by o.kind, o.schema, o.relation, o.name, o.args
