-- How far the changes of a paused table are applied by now.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
update sluice.quarantine q
set lsn = $5::pg_lsn
from fence f
where q.address = f.address and q.schema_name = $3::text and q.table_name = $4::text and q.paused
