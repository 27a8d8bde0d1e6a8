insert into sluice.request (address, kind, payload)
select address, $2::text, $3::bytea
from sluice.migration
where address = $1::text
returning id
