with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
update sluice.request r
set result = $4::text, failure = $5::text, answered_at = clock_timestamp()
from fence f
where r.address = f.address and r.id = $3::bigint
