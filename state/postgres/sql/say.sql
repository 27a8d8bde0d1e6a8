with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
update sluice.request r
set lines = array_append(r.lines, $4::text)
from fence f
where r.address = f.address and r.id = $3::bigint
