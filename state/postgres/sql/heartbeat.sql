-- Hits one row while the lease is ours: our epoch, our session.
update sluice.lease
set heartbeat = clock_timestamp()
where address = $1::text and epoch = $2::bigint and pid = pg_backend_pid()
