-- What stays behind, but for subscriptions: operators and functions that a user added to an operator family of the
-- system or of an extension. No statement tells them from those that came with it, and pg_dump does not say them.
-- https://www.postgresql.org/docs/current/catalog-pg-opfamily.html
select distinct
       'pg_catalog.pg_opfamily'::pg_catalog.regclass::oid as class,
       0::oid as oid,
       'operator family' as kind,
       '' as schema,
       0::oid as relation_oid,
       '' as relation,
       n.nspname::text || '.' || f.opfname::text as name,
       a.amname::text as args,
       '' as owner,
       '' as comment,
       'members added to what the server or an extension brings' as reason,
       '' as code
  from (
         select o.amopfamily as family, 'pg_catalog.pg_amop'::pg_catalog.regclass as class, o.oid,
                'pg_catalog.pg_operator'::pg_catalog.regclass as by_class, o.amopopr as by_object
           from pg_catalog.pg_amop as o
          union all
         select p.amprocfamily, 'pg_catalog.pg_amproc'::pg_catalog.regclass, p.oid,
                'pg_catalog.pg_proc'::pg_catalog.regclass, p.amproc
           from pg_catalog.pg_amproc as p
       ) as m
  join pg_catalog.pg_opfamily as f on f.oid = m.family
  join pg_catalog.pg_am as a on a.oid = f.opfmethod
  join pg_catalog.pg_namespace as n on n.oid = f.opfnamespace
 where m.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
   and not exists ( -- it is a class's
         select from pg_catalog.pg_depend as i
          where i.classid = m.class and i.objid = m.oid
            and i.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
       )
   and not exists ( -- an extension added it
         select from pg_catalog.pg_depend as i
          where i.classid = m.by_class and i.objid = m.by_object and i.deptype = 'e'
       )
   and (f.oid < 16384 or exists (
         select from pg_catalog.pg_depend as i
          where i.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass and i.objid = f.oid
            and i.deptype = 'e' and m.by_object >= 16384
       ))
 order by name, args
