-- What a database is to the server itself, without OIDs: a second opinion beside introspect's.
-- Names by regclass, under an empty search_path.
with relations as (
  select c.* from pg_catalog.pg_class as c
   where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
)
select line from (
  select format('relation %s: %s', c.oid::regclass,
           to_jsonb(c) - array['oid', 'reltype', 'relowner', 'relfilenode', 'relpages', 'reltuples', 'relallvisible', 'relallfrozen',
             'relfrozenxid', 'relminmxid', 'reltoastrelid', 'relnamespace', 'relnatts', 'relpartbound', 'relacl']) as line
    from relations as c
   union all
  select format('column %s.%s %s: %s', c.oid::regclass,
           (select count(*) from pg_catalog.pg_attribute as b where b.attrelid = a.attrelid and b.attnum <= a.attnum and b.attnum > 0 and not b.attisdropped),
           a.attname,
           to_jsonb(a) - array['attrelid', 'attnum', 'atttypid', 'atthasmissing', 'attmissingval', 'attcacheoff'])
    from pg_catalog.pg_attribute as a join relations as c on c.oid = a.attrelid
   where a.attnum > 0 and not a.attisdropped
   union all
  select format('index %s: %s', i.indexrelid::regclass,
           to_jsonb(i) - array['indexrelid', 'indrelid', 'indkey', 'indclass', 'indcollation', 'indexprs', 'indpred'])
    from pg_catalog.pg_index as i join relations as c on c.oid = i.indrelid
   union all
  select format('constraint %s %s: %s %s', coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text),
           case when k.contype <> 'n' then k.conname end, -- NOT NULL is the column's, its name is not carried
           pg_catalog.pg_get_constraintdef(k.oid),
           to_jsonb(k) - array['oid', 'connamespace', 'conrelid', 'contypid', 'conindid', 'conparentid', 'confrelid', 'conkey', 'confkey',
             'conpfeqop', 'conppeqop', 'conffeqop', 'conexclop', 'conbin', 'confdelsetcols',
             case when k.contype in ('p', 'u') then 'connoinherit' -- ONLY sets it for keys, in pg_dump's statements as well
               when k.contype = 'n' then 'conname' end])
    from pg_catalog.pg_constraint as k
   where k.connamespace::regnamespace::text !~ '^(pg_|information_schema)'
   union all
  select format('trigger %s %s: %s %s', c.oid::regclass, regexp_replace(t.tgname, '\d+$', ''), t.tgenabled,
           case when not t.tgisinternal then pg_catalog.pg_get_triggerdef(t.oid) end)
    from pg_catalog.pg_trigger as t join relations as c on c.oid = t.tgrelid
   union all
  select format('parent %s of %s: %s', i.inhparent::regclass, i.inhrelid::regclass, i.inhseqno)
    from pg_catalog.pg_inherits as i
   union all
  select format('comment %s %s', pg_catalog.pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
    from pg_catalog.pg_description as d where d.objoid >= 16384
) as l
