-- Clears the lease, where it still is ours.
with cleared as (
    delete from sluice.lease
    where address = $1::text and epoch = $2::bigint
    returning address, epoch, holder
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, holder, 'released the lock' from cleared
