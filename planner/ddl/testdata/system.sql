-- What a database is to the server itself, without OIDs: a second opinion beside introspect's.
-- Names by regclass, under an empty search_path.
with relations as (
  select c.* from pg_catalog.pg_class as c
   where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
)
select line from (
  select format('relation %s of %s: %s %s', c.oid::regclass, c.reloftype::regtype, (select m.amname from pg_catalog.pg_am as m where m.oid = c.relam),
           to_jsonb(c) - array['relam', 'oid', 'reltype', 'reloftype', 'relowner', 'relfilenode', 'relpages', 'reltuples', 'relallvisible', 'relallfrozen',
             'relfrozenxid', 'relminmxid', 'reltoastrelid', 'relnamespace', 'relnatts', 'relpartbound', 'relacl']) as line
    from relations as c
   union all
  select format('column %s.%s %s: %s %s %s', c.oid::regclass,
           (select count(*) from pg_catalog.pg_attribute as b where b.attrelid = a.attrelid and b.attnum <= a.attnum and b.attnum > 0 and not b.attisdropped),
           a.attname, a.atttypid::regtype,
           pg_catalog.pg_identify_object('pg_catalog.pg_collation'::regclass, nullif(a.attcollation, 0), 0),
           to_jsonb(a) - array['attrelid', 'attnum', 'atttypid', 'attcollation', 'atthasmissing', 'attmissingval', 'attcacheoff',
             'attndims']) -- of a partition 0, though it is an array; nobody looks at it
    from pg_catalog.pg_attribute as a join relations as c on c.oid = a.attrelid
   where a.attnum > 0 and not a.attisdropped
   union all
  select format('index %s: %s', i.indexrelid::regclass,
           to_jsonb(i) - array['indexrelid', 'indrelid', 'indkey', 'indclass', 'indcollation', 'indexprs', 'indpred'])
    from pg_catalog.pg_index as i join relations as c on c.oid = i.indrelid
   union all
  select format('constraint %s %s: %s %s', coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text),
           k.conname,
           pg_catalog.pg_get_constraintdef(k.oid),
           to_jsonb(k) - array['oid', 'connamespace', 'conrelid', 'contypid', 'conindid', 'conparentid', 'confrelid', 'conkey', 'confkey',
             'conpfeqop', 'conppeqop', 'conffeqop', 'conexclop', 'conbin', 'confdelsetcols',
             case when k.contype in ('p', 'u') then 'connoinherit' end]) -- ONLY sets it for keys, in pg_dump's statements as well
    from pg_catalog.pg_constraint as k
   where k.connamespace::regnamespace::text !~ '^(pg_|information_schema)'
   union all
  select format('trigger %s %s: %s %s', c.oid::regclass, regexp_replace(t.tgname, '\d+$', ''), t.tgenabled,
           case when not t.tgisinternal then pg_catalog.pg_get_triggerdef(t.oid) end)
    from pg_catalog.pg_trigger as t join relations as c on c.oid = t.tgrelid
   union all
  select format('wrapper %s: %s %s %s', w.fdwname, w.fdwhandler::regproc, w.fdwvalidator::regproc, w.fdwoptions)
    from pg_catalog.pg_foreign_data_wrapper as w
   union all
  select format('server %s of %s: %s', s.srvname, w.fdwname, to_jsonb(s) - array['oid', 'srvowner', 'srvfdw', 'srvacl'])
    from pg_catalog.pg_foreign_server as s join pg_catalog.pg_foreign_data_wrapper as w on w.oid = s.srvfdw
   union all
  select format('user mapping %s of %s: %s', m.usename, m.srvname, m.umoptions) from pg_catalog.pg_user_mappings as m
   union all
  select format('foreign table %s of %s: %s', f.ftrelid::regclass, s.srvname, f.ftoptions)
    from pg_catalog.pg_foreign_table as f join pg_catalog.pg_foreign_server as s on s.oid = f.ftserver
   union all
  select format('toast of %s: %s', c.oid::regclass, t.reloptions)
    from pg_catalog.pg_class as t join relations as c on c.reltoastrelid = t.oid where t.reloptions is not null
   union all
  select format('default %s.%s: %s', c.oid::regclass, a.attname, pg_catalog.pg_get_expr(f.adbin, f.adrelid))
    from pg_catalog.pg_attrdef as f join relations as c on c.oid = f.adrelid
    join pg_catalog.pg_attribute as a on a.attrelid = f.adrelid and a.attnum = f.adnum
   union all
  select format('view %s: %s', c.oid::regclass, pg_catalog.pg_get_viewdef(c.oid)) from relations as c where c.relkind in ('v', 'm')
   union all
  select format('parent %s of %s: %s', i.inhparent::regclass, i.inhrelid::regclass,
           rank() over (partition by i.inhrelid order by i.inhseqno))
    from pg_catalog.pg_inherits as i
   union all
  select format('type %s: %s %s %s %s', t.oid::regtype, t.typelem::regtype, t.typbasetype::regtype,
           pg_catalog.pg_identify_object('pg_catalog.pg_collation'::regclass, nullif(t.typcollation, 0), 0),
           to_jsonb(t) - array['oid', 'typnamespace', 'typowner', 'typrelid', 'typelem', 'typarray', 'typbasetype', 'typcollation',
             'typdefaultbin', 'typacl'])
    from pg_catalog.pg_type as t
   where t.typnamespace::regnamespace::text !~ '^(pg_|information_schema)'
   union all
  select format('range %s: %s %s %s %s', r.rngtypid::regtype, r.rngsubtype::regtype,
           pg_catalog.pg_identify_object('pg_catalog.pg_opclass'::regclass, r.rngsubopc, 0),
           pg_catalog.pg_identify_object('pg_catalog.pg_collation'::regclass, nullif(r.rngcollation, 0), 0),
           to_jsonb(r) - array['rngtypid', 'rngsubtype', 'rngsubopc', 'rngcollation', 'rngmultitypid']
             || jsonb_build_object('multirange', (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype))
    from pg_catalog.pg_range as r where r.rngtypid >= 16384
   union all
  select format('function %s: %s %s', p.oid::regprocedure, p.proargtypes::regtype[],
           to_jsonb(p) - array['oid', 'pronamespace', 'proowner', 'prolang', 'prorettype', 'proargtypes', 'proallargtypes', 'protrftypes',
             'provariadic', 'proargdefaults', 'prosqlbody', 'proacl'])
    from pg_catalog.pg_proc as p where p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
   union all
  select format('%s: %s', pg_catalog.pg_identify_object(o.class, o.oid, 0), o.columns)
    from (
      select 'pg_catalog.pg_collation'::regclass as class, c.oid, to_jsonb(c) - array['oid', 'collnamespace', 'collowner',
             'collencoding'] as columns -- the database's or any: a copy of "C" has any, C in full the database's
        from pg_catalog.pg_collation as c
       union all
      select 'pg_catalog.pg_conversion'::regclass, c.oid, to_jsonb(c) - array['oid', 'connamespace', 'conowner']
        from pg_catalog.pg_conversion as c
       union all
      select 'pg_catalog.pg_cast'::regclass, c.oid, to_jsonb(c) - array['oid', 'castsource', 'casttarget', 'castfunc']
          || to_jsonb(c.castfunc::regprocedure)
        from pg_catalog.pg_cast as c
       union all
      select 'pg_catalog.pg_transform'::regclass, t.oid, to_jsonb(t.trffromsql::regprocedure) || to_jsonb(t.trftosql::regprocedure)
        from pg_catalog.pg_transform as t
       union all
      select 'pg_catalog.pg_language'::regclass, l.oid,
             to_jsonb(l) - array['oid', 'lanowner', 'lanplcallfoid', 'laninline', 'lanvalidator', 'lanacl']
               || to_jsonb(array[l.lanplcallfoid, l.laninline, l.lanvalidator]::regprocedure[])
        from pg_catalog.pg_language as l
       union all
      select 'pg_catalog.pg_am'::regclass, a.oid, to_jsonb(a) - 'oid'
        from pg_catalog.pg_am as a
       union all
      select 'pg_catalog.pg_ts_parser'::regclass, p.oid, to_jsonb(p) - array['oid', 'prsnamespace']
        from pg_catalog.pg_ts_parser as p
       union all
      select 'pg_catalog.pg_ts_template'::regclass, t.oid, to_jsonb(t) - array['oid', 'tmplnamespace']
        from pg_catalog.pg_ts_template as t
       union all
      select 'pg_catalog.pg_ts_dict'::regclass, t.oid, to_jsonb(t) - array['oid', 'dictnamespace', 'dictowner', 'dicttemplate']
          || to_jsonb(pg_catalog.pg_describe_object('pg_catalog.pg_ts_template'::regclass, t.dicttemplate, 0))
        from pg_catalog.pg_ts_dict as t
       union all
      select 'pg_catalog.pg_ts_config'::regclass, t.oid,
             to_jsonb(pg_catalog.pg_describe_object('pg_catalog.pg_ts_parser'::regclass, t.cfgparser, 0))
        from pg_catalog.pg_ts_config as t
       union all
      select 'pg_catalog.pg_ts_config'::regclass, m.mapcfg, jsonb_build_array(m.maptokentype, m.mapseqno, m.mapdict::regdictionary)
        from pg_catalog.pg_ts_config_map as m
    ) as o
   where o.oid >= 16384
   union all
  select format('aggregate %s(%s) of %s, %s, %s: %s %s', a.aggfnoid::regproc, pg_catalog.pg_get_function_arguments(p.oid),
           a.aggtranstype::regtype, a.aggmtranstype::regtype, a.aggsortop::regoperator, p.proparallel, to_jsonb(a) - array['aggfnoid',
             'aggtranstype', 'aggmtranstype', 'aggsortop'])
    from pg_catalog.pg_aggregate as a join pg_catalog.pg_proc as p on p.oid = a.aggfnoid
   where p.oid >= 16384
   union all
  select format('operator %s returns %s, commutator %s, negator %s: %s', o.oid::regoperator, o.oprresult::regtype, o.oprcom::regoperator,
           o.oprnegate::regoperator, to_jsonb(o) - array['oid', 'oprnamespace', 'oprowner', 'oprleft', 'oprright', 'oprresult', 'oprcom', 'oprnegate'])
    from pg_catalog.pg_operator as o
   where o.oid >= 16384
   union all
  select format('%s: %s', pg_catalog.pg_describe_object('pg_catalog.pg_opfamily'::regclass, f.oid, 0), f.opfmethod)
    from pg_catalog.pg_opfamily as f
   where f.oid >= 16384
   union all
  select format('%s for %s in %s, stored as %s: %s', pg_catalog.pg_describe_object('pg_catalog.pg_opclass'::regclass, c.oid, 0),
           c.opcintype::regtype, pg_catalog.pg_describe_object('pg_catalog.pg_opfamily'::regclass, c.opcfamily, 0), c.opckeytype::regtype,
           to_jsonb(c) - array['oid', 'opcnamespace', 'opcowner', 'opcfamily', 'opcintype', 'opckeytype'])
    from pg_catalog.pg_opclass as c
   where c.oid >= 16384
   union all
  select format('member %s: %s %s %s', pg_catalog.pg_describe_object(m.class, m.oid, 0), o.amoppurpose, p.amproc::regprocedure, d.needs)
    from (select 'pg_catalog.pg_amop'::regclass as class, oid from pg_catalog.pg_amop
           union all select 'pg_catalog.pg_amproc'::regclass, oid from pg_catalog.pg_amproc) as m
    left join pg_catalog.pg_amop as o on o.oid = m.oid and m.class = 'pg_catalog.pg_amop'::regclass
    left join pg_catalog.pg_amproc as p on p.oid = m.oid and m.class = 'pg_catalog.pg_amproc'::regclass
   cross join lateral (
           select pg_catalog.string_agg(d.deptype::text || ' ' || pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), ', '
                    order by d.deptype, pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)) as needs
             from pg_catalog.pg_depend as d where d.classid = m.class and d.objid = m.oid) as d
   where m.oid >= 16384
   union all
  select format('statistics %s: %s', pg_catalog.pg_get_statisticsobjdef(s.oid),
           to_jsonb(s) - array['oid', 'stxrelid', 'stxnamespace', 'stxowner', 'stxexprs'])
    from pg_catalog.pg_statistic_ext as s
   union all
  select format('rule %s: %s', pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled)
    from pg_catalog.pg_rewrite as r join relations as c on c.oid = r.ev_class
   union all
  select format('policy %s on %s: %s', p.polname, p.polrelid::regclass,
           to_jsonb(p) - array['oid', 'polrelid', 'polqual', 'polwithcheck'] || jsonb_build_object('using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
             'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)))
    from pg_catalog.pg_policy as p
   union all
  select format('%s goes with extension %s', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), e.extname)
    from pg_catalog.pg_depend as d join pg_catalog.pg_extension as e on e.oid = d.refobjid
   where d.deptype = 'x'
   union all
  select format('comment %s %s', pg_catalog.pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
    from pg_catalog.pg_description as d where d.objoid >= 16384
   union all
  select format('extension %s in %s: %s %s', e.extname, e.extnamespace::regnamespace, e.extrelocatable, e.extversion)
    from pg_catalog.pg_extension as e
   union all
  select format('publication %s: %s', p.pubname, to_jsonb(p) - array['oid', 'pubowner'])
    from pg_catalog.pg_publication as p
   union all
  select format('publication %s of %s: %s', p.pubname, r.prrelid::regclass, to_jsonb(r) - array['oid', 'prpubid', 'prrelid', 'prqual'])
    from pg_catalog.pg_publication_rel as r join pg_catalog.pg_publication as p on p.oid = r.prpubid
   union all
  select format('event trigger %s calls %s: %s', t.evtname, t.evtfoid::regprocedure, to_jsonb(t) - array['oid', 'evtowner', 'evtfoid'])
    from pg_catalog.pg_event_trigger as t
) as l
