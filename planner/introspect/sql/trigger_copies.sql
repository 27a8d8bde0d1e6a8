-- Copies of a trigger, on partitions of whatever level, that are enabled in another way than the trigger itself. They
-- are tied to it by pg_depend, of type P since 12, I before.
-- https://www.postgresql.org/docs/current/catalog-pg-trigger.html
with recursive copies (trigger, oid, relation, enabled) as (
  select t.oid, t.oid, t.tgrelid, t.tgenabled
    from pg_catalog.pg_trigger as t
   where not t.tgisinternal
     and t.tgparentid = 0 -- from 13
   union all
  select c.trigger, t.oid, t.tgrelid, t.tgenabled
    from copies as c
    join pg_catalog.pg_depend as d
      on d.refclassid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.refobjid = c.oid
         and d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.deptype in ('P', 'I')
    join pg_catalog.pg_trigger as t on t.oid = d.objid
)
select c.trigger,
       c.relation as relation_oid,
       n.nspname::text as schema,
       r.relname::text as relation,
       c.enabled::text as enabled
  from copies as c
  join pg_catalog.pg_trigger as t on t.oid = c.trigger
  join pg_catalog.pg_class as r on r.oid = c.relation
  join pg_catalog.pg_namespace as n on n.oid = r.relnamespace
 where c.enabled <> t.tgenabled
 order by c.trigger, n.nspname::text collate "C", r.relname::text collate "C"
