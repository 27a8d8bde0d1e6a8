-- What belongs to the database as a whole and is not carried over. FirstNormalObjectId, 16384, tells the system's
-- casts, languages and access methods from a user's, as in pg_dump.
-- https://www.postgresql.org/docs/current/catalogs.html
select o.class::oid as class,
       o.oid,
       o.kind,
       '' as schema,
       0::oid as relation_oid,
       '' as relation,
       o.name,
       o.args,
       case when o.owner = 0 then '' else pg_catalog.pg_get_userbyid(o.owner)::text end as owner,
       coalesce(o.comment, d.description, '') as comment,
       o.reason,
       o.code
  from (
         select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid, 'foreign-data wrapper',
                f.fdwname::text, '', f.fdwowner, null, '', ''
           from pg_catalog.pg_foreign_data_wrapper as f
          union all
         select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, 'server', s.srvname::text, '',
                s.srvowner, null, '', ''
           from pg_catalog.pg_foreign_server as s
          union all
         select 'pg_catalog.pg_user_mapping'::pg_catalog.regclass, m.umid, 'user mapping', m.usename::text,
                m.srvname::text, 0, null, '', ''
           from pg_catalog.pg_user_mappings as m
          union all
         -- what a user added to a family of the system or of an extension
         select distinct 'pg_catalog.pg_opfamily'::pg_catalog.regclass, 0::oid, 'operator family',
                n.nspname::text || '.' || f.opfname::text, a.amname::text, 0::oid, null::text,
                'members added to what the server or an extension brings', ''
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
          where m.oid >= 16384
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
       ) as o (class, oid, kind, name, args, owner, comment, reason, code)
  left join pg_catalog.pg_description as d on d.objoid = o.oid and d.classoid = o.class and d.objsubid = 0
 where not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = o.class and e.objid = o.oid and e.deptype = 'e'
       )
 order by o.kind, o.name, o.args
