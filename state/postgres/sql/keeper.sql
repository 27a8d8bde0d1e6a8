-- This session's backend, and whether the lock is its own.
select pg_backend_pid(), exists (
    select from pg_catalog.pg_locks
    where locktype = 'advisory'
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
        and classid = (($1::bigint >> 32) & 4294967295)::oid
        and objid = ($1::bigint & 4294967295)::oid
        and objsubid = 1
        and pid = pg_backend_pid()
        and granted
)
