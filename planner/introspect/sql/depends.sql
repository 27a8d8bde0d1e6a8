-- Who needs whom: pg_depend; parents, of tables and of indexes; what foreign keys refer to. Not here: dependencies of
-- type i, which tie a part to its whole (parts.sql), and those of type a that a default, a constraint or an index has
-- on its own table, or a sequence on the column that owns it.
-- https://www.postgresql.org/docs/current/catalog-pg-depend.html
select d.class, d.object, d.on_class, d.on_object
  from (
         select p.classid as class, p.objid as object, p.refclassid as on_class, p.refobjid as on_object
           from pg_catalog.pg_depend as p
          where p.refobjid >= 16384 -- FirstNormalObjectId: below is what initdb made
            and (p.deptype = 'n'
                 or p.deptype = 'a'
                    and not (p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                             and p.classid in ('pg_catalog.pg_class'::pg_catalog.regclass,
                                               'pg_catalog.pg_attrdef'::pg_catalog.regclass,
                                               'pg_catalog.pg_constraint'::pg_catalog.regclass)))
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, i.inhrelid,
                'pg_catalog.pg_class'::pg_catalog.regclass, i.inhparent
           from pg_catalog.pg_inherits as i
          union all
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
                'pg_catalog.pg_class'::pg_catalog.regclass, k.confrelid
           from pg_catalog.pg_constraint as k
          where k.contype = 'f'
          union all
         select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
                'pg_catalog.pg_class'::pg_catalog.regclass, k.conindid
           from pg_catalog.pg_constraint as k
          where k.contype = 'f' and k.conindid <> 0
       ) as d
 order by d.class, d.object, d.on_class, d.on_object
