-- Puts the session that has the lock again into the lease, where nobody has taken
-- over meanwhile: whoever did has raised the epoch.
with regained as (
    update sluice.lease
    set pid = pg_backend_pid(), heartbeat = clock_timestamp()
    where address = $1::text and epoch = $2::bigint
    returning address, epoch, holder
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, holder, 'took the lock again' from regained
