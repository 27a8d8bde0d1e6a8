-- A paused table has come as far as the others, and goes on with them. The line of
-- history is the one row affected.
with fence as (
    select address, epoch from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
quarantine as (
    delete from sluice.quarantine q using fence f
    where q.address = f.address and q.schema_name = $3::text and q.table_name = $4::text and q.paused
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $5::text, 'goes on: ' || $3::text || '.' || $4::text
from fence
