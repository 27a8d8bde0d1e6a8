-- A line of history.
with fence as (
    select address, epoch from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $3::text, $4::text
from fence
