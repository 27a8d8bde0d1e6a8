-- Where the source's WAL ends. A batch that is being committed has the row: then
-- it is not waited for, since heartbeats need the connection.
update sluice.progress p
set source_lsn = $3::pg_lsn
from (
    select address from sluice.progress
    where address = $1::text and epoch = $2::bigint
    for update skip locked
) free
where p.address = free.address
