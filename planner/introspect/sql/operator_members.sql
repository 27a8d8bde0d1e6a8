-- Operators and functions of operator classes and, where pg_depend knows no class, of families: these are the loose
-- ones. From 14 on the access method decides which are (amadjustmembers), as it does when they are made again.
-- https://www.postgresql.org/docs/current/catalog-pg-amop.html
-- https://www.postgresql.org/docs/current/catalog-pg-amproc.html
select m.class::oid as class,
       m.object,
       m.what,
       m.number,
       m.left_type,
       m.right_type,
       m.name,
       m.args,
       m.order_family
  from (
         select coalesce(d.refclassid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass) as class,
                coalesce(d.refobjid, a.amopfamily) as object,
                'operator' as what, a.amopstrategy as number,
                pg_catalog.format_type(a.amoplefttype, null) as left_type,
                pg_catalog.format_type(a.amoprighttype, null) as right_type,
                array[n.nspname::text, o.oprname::text] as name, '' as args,
                case when a.amopsortfamily <> 0 then array[sn.nspname::text, s.opfname::text] end as order_family
           from pg_catalog.pg_amop as a
           join pg_catalog.pg_operator as o on o.oid = a.amopopr
           join pg_catalog.pg_namespace as n on n.oid = o.oprnamespace
           left join pg_catalog.pg_opfamily as s on s.oid = a.amopsortfamily
           left join pg_catalog.pg_namespace as sn on sn.oid = s.opfnamespace
           left join pg_catalog.pg_depend as d
             on d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass and d.objid = a.oid
                and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
          where a.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
          union all
         select coalesce(d.refclassid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass),
                coalesce(d.refobjid, a.amprocfamily),
                'function', a.amprocnum,
                pg_catalog.format_type(a.amproclefttype, null), pg_catalog.format_type(a.amprocrighttype, null),
                array[n.nspname::text, p.proname::text], pg_catalog.oidvectortypes(p.proargtypes), null
           from pg_catalog.pg_amproc as a
           join pg_catalog.pg_proc as p on p.oid = a.amproc
           join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
           left join pg_catalog.pg_depend as d
             on d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass and d.objid = a.oid
                and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
          where a.oid >= 16384
       ) as m
 order by m.class, m.object, m.what desc, m.number, m.left_type collate "C", m.right_type collate "C"
