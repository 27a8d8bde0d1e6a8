-- Forgets what is known of a table's rows: its chunks, that its copying was
-- done, that it was compared, and that its changes were passed over. The line of history is the one row affected.
with fence as (
    select address, epoch from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
chunks as (
    delete from sluice.chunk c using fence f
    where c.address = f.address and c.schema_name = $3::text and c.table_name = $4::text
),
step as (
    delete from sluice.step s using fence f
    where s.address = f.address and s.digest = $7::bytea
),
certificate as (
    delete from sluice.certificate c using fence f
    where c.address = f.address and c.schema_name = $3::text and c.table_name = $4::text
),
quarantine as (
    delete from sluice.quarantine q using fence f
    where q.address = f.address and q.schema_name = $3::text and q.table_name = $4::text
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $6::text, 'starts again: ' || $5::text
from fence
