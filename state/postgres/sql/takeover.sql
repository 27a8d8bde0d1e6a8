-- Raises the epoch, in the migration and in its progress, and writes the lease.
-- What is not known this time ('') stays as it was.
with taken as (
    update sluice.migration
    set
        epoch = epoch + 1,
        plan_id = coalesce(nullif($2::text, ''), plan_id),
        slot = coalesce(nullif($3::text, ''), slot),
        source_system = coalesce(nullif($4::text, ''), source_system),
        source_database = coalesce(nullif($5::text, ''), source_database),
        target_system = coalesce(nullif($6::text, ''), target_system),
        target_database = coalesce(nullif($7::text, ''), target_database)
    where address = $1::text
    returning address, epoch
),
progress as (
    insert into sluice.progress (address, epoch)
    select address, epoch from taken
    on conflict (address) do update set epoch = excluded.epoch
),
lease as (
    insert into sluice.lease (address, epoch, holder, pid, settings)
    select address, epoch, $8::text, pg_backend_pid(), $9::jsonb from taken
    on conflict (address) do update set
        epoch = excluded.epoch,
        holder = excluded.holder,
        pid = excluded.pid,
        settings = excluded.settings,
        builds = excluded.builds,
        heartbeat = excluded.heartbeat
),
history as (
    insert into sluice.event (address, epoch, holder, what)
    select address, epoch, $8::text, 'took the lock' from taken
)
select epoch from taken
