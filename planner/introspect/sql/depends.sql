-- Who needs whom: pg_depend, with a default's table in its place; parents, of tables, of indexes and of check and NOT
-- NULL constraints; where an operator's commutator and negator are, which pg_depend leaves out, since two operators may
-- need each other: the schema in which a shell is made, and the operator itself where an extension brings it. Not
-- here: dependencies of type i, which tie a part to its whole (parts.sql), those of type a that a default, a
-- constraint or an index has on its own table, or a sequence on the column that owns it; a relation's on its schema.
-- https://www.postgresql.org/docs/current/catalog-pg-depend.html
select d.class, d.object, d.on_class, d.on_object
  from (
         select coalesce(f.class, p.classid) as class, coalesce(f.adrelid, p.objid) as object,
                p.refclassid as on_class, p.refobjid as on_object
           from pg_catalog.pg_depend as p
           left join (
                  select a.oid, a.adrelid, 'pg_catalog.pg_class'::pg_catalog.regclass::oid as class
                    from pg_catalog.pg_attrdef as a
                ) as f on f.oid = p.objid and p.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
          where p.refobjid >= 16384 -- FirstNormalObjectId: below is what initdb made
            and (p.deptype = 'n'
                 or p.deptype = 'a'
                    and not (p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                             and p.classid in ('pg_catalog.pg_class'::pg_catalog.regclass,
                                               'pg_catalog.pg_attrdef'::pg_catalog.regclass,
                                               'pg_catalog.pg_constraint'::pg_catalog.regclass)))
            and not (p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                     and p.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, i.inhrelid,
                'pg_catalog.pg_class'::pg_catalog.regclass, i.inhparent
           from pg_catalog.pg_inherits as i
          union all
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
                'pg_catalog.pg_constraint'::pg_catalog.regclass, p.oid
           from pg_catalog.pg_constraint as k
           join pg_catalog.pg_inherits as i on i.inhrelid = k.conrelid
           join pg_catalog.pg_constraint as p
             on p.conrelid = i.inhparent and p.contype = k.contype and p.conname = k.conname
          where k.contype in ('c', 'n') and k.coninhcount > 0 and not k.conislocal
          union all
         select 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid,
                'pg_catalog.pg_namespace'::pg_catalog.regclass, s.oprnamespace
           from pg_catalog.pg_operator as o
           join pg_catalog.pg_operator as s on s.oid in (o.oprcom, o.oprnegate)
          where o.oid >= 16384
          union all
         select 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, e.classid, e.objid
           from pg_catalog.pg_operator as o
           join pg_catalog.pg_depend as e
             on e.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass
                and e.objid in (o.oprcom, o.oprnegate) and e.deptype = 'e'
          where o.oid >= 16384
       ) as d
 order by d.class, d.object, d.on_class, d.on_object
