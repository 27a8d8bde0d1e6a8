-- What fires for an ordinary session that writes to tables ($1 schemas, $2 names), or
-- to partitions below them: triggers, rules, and the foreign keys at whose either end
-- they are. Not the check of a deferrable key, which belongs to the key.
-- https://www.postgresql.org/docs/current/catalog-pg-trigger.html
with recursive written (oid) as (
    select c.oid
      from unnest($1::text[], $2::text[]) as t (schema, name)
      join pg_catalog.pg_namespace as n on n.nspname = t.schema
      join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = t.name
     union
    select i.inhrelid
      from written as w
      join pg_catalog.pg_class as c on c.oid = w.oid and c.relkind = 'p'
      join pg_catalog.pg_inherits as i on i.inhparent = w.oid
)
select case when k.contype = 'f' then 'foreign key ' || k.conname else 'trigger ' || g.tgname end
         || ' on ' || coalesce(nullif(k.conrelid, 0), g.tgrelid)::pg_catalog.regclass
  from written as w
  join pg_catalog.pg_trigger as g on g.tgrelid = w.oid
  left join pg_catalog.pg_constraint as k on k.oid = g.tgconstraint
 where g.tgenabled in ('O', 'A')
   and (k.contype is null or k.contype in ('f', 't'))
 union
select 'rule ' || r.rulename || ' on ' || r.ev_class::pg_catalog.regclass
  from written as w
  join pg_catalog.pg_rewrite as r on r.ev_class = w.oid
 where r.ev_enabled in ('O', 'A')
   and r.ev_type <> '1' -- SELECT
 order by 1
