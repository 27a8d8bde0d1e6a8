-- The sessions whose transactions a takeover may be waiting for: they have
-- written to the state and not ended.
select distinct l.pid
from pg_catalog.pg_locks l
where l.relation in ('sluice.migration'::regclass, 'sluice.progress'::regclass)
    and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    and l.mode in ('RowShareLock', 'RowExclusiveLock')
    and l.granted
    and l.pid <> pg_backend_pid()
order by l.pid
