-- Replication slots of the whole server: they share max_replication_slots.
-- https://www.postgresql.org/docs/current/view-pg-replication-slots.html
select s.slot_name::text as name,
       coalesce(s.plugin::text, '') as plugin,
       coalesce(s.database::text, '') as database,
       s.active
  from pg_catalog.pg_replication_slots as s
 order by s.slot_name
