-- What has no ID of its own because it is a part of something: a row type of its table, an array type of its element's
-- type, a rule _RETURN of its view, an index of its constraint, a member of an operator class.
-- Only one step each: that what it is a part of may be a part itself.
-- https://www.postgresql.org/docs/current/catalogs.html
with used (type) as ( -- few of those that come with tables
  select d.refobjid
    from pg_catalog.pg_depend as d
   where d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.deptype <> 'i'
)
select p.class::oid as class, p.object, p.of_class::oid as of_class, p.of_object
  from (
         select 'pg_catalog.pg_type'::pg_catalog.regclass as class, t.oid as object,
                'pg_catalog.pg_class'::pg_catalog.regclass as of_class, t.typrelid as of_object
           from pg_catalog.pg_type as t
           join pg_catalog.pg_class as c on c.oid = t.typrelid
          where c.relkind <> 'c'
            and (t.oid in (select u.type from used as u) or t.typarray in (select u.type from used as u))
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid,
                'pg_catalog.pg_type'::pg_catalog.regclass, c.reltype
           from pg_catalog.pg_class as c
          where c.relkind = 'c'
          union all
         select 'pg_catalog.pg_type'::pg_catalog.regclass, t.typarray,
                'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
           from pg_catalog.pg_type as t
          where t.typarray in (select u.type from used as u)
          union all -- from 14
         select 'pg_catalog.pg_type'::pg_catalog.regclass, r.rngmultitypid, -- from 14
                'pg_catalog.pg_type'::pg_catalog.regclass, r.rngtypid -- from 14
           from pg_catalog.pg_range as r -- from 14
          union all
         -- a range type's constructors
         select d.classid, d.objid, d.refclassid, d.refobjid
           from pg_catalog.pg_depend as d
          where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
            and d.deptype = 'i'
          union all
         -- an identity column's sequence
         select d.classid, d.objid, d.refclassid, d.refobjid
           from pg_catalog.pg_depend as d
          where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.refobjsubid > 0
            and d.deptype = 'i'
          union all
         select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid,
                'pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class
           from pg_catalog.pg_rewrite as r
          where r.rulename = '_RETURN'
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, k.conindid,
                'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
           from pg_catalog.pg_constraint as k
          where k.contype in ('p', 'u', 'x')
          union all
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
                'pg_catalog.pg_type'::pg_catalog.regclass, k.contypid
           from pg_catalog.pg_constraint as k
          where k.contypid <> 0
          union all -- from 11
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, -- from 11
                'pg_catalog.pg_constraint'::pg_catalog.regclass, k.conparentid -- from 11
           from pg_catalog.pg_constraint as k -- from 11
          where k.contype = 'f' and k.conparentid <> 0 -- from 11
          union all
         -- a constraint trigger has both
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, t.tgconstraint,
                'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid
           from pg_catalog.pg_trigger as t
           join pg_catalog.pg_constraint as k on k.oid = t.tgconstraint
          where k.contype = 't'
          union all
         select 'pg_catalog.pg_amop'::pg_catalog.regclass, o.oid,
                coalesce(d.refclassid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass),
                coalesce(d.refobjid, o.amopfamily)
           from pg_catalog.pg_amop as o
           left join pg_catalog.pg_depend as d
             on d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass and d.objid = o.oid
                and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
          union all
         select 'pg_catalog.pg_amproc'::pg_catalog.regclass, o.oid,
                coalesce(d.refclassid, 'pg_catalog.pg_opfamily'::pg_catalog.regclass),
                coalesce(d.refobjid, o.amprocfamily)
           from pg_catalog.pg_amproc as o
           left join pg_catalog.pg_depend as d
             on d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass and d.objid = o.oid
                and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
          union all
         select 'pg_catalog.pg_publication_rel'::pg_catalog.regclass, r.oid,
                'pg_catalog.pg_publication'::pg_catalog.regclass, r.prpubid
           from pg_catalog.pg_publication_rel as r
          union all -- from 15
         select 'pg_catalog.pg_publication_namespace'::pg_catalog.regclass, s.oid, -- from 15
                'pg_catalog.pg_publication'::pg_catalog.regclass, s.pnpubid -- from 15
           from pg_catalog.pg_publication_namespace as s -- from 15
       ) as p
 where p.object >= 16384 -- FirstNormalObjectId: below is what initdb made
 order by p.class, p.object
