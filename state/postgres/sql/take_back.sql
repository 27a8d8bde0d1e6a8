-- Forgets that a step was done: what it made is gone. The line of history is the
-- one row affected.
with fence as (
    select address, epoch from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
step as (
    delete from sluice.step s using fence f
    where s.address = f.address and s.digest = $5::bytea
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $4::text, 'took back: ' || $3::text
from fence
