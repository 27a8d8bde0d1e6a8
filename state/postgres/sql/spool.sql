-- Where changes are kept, and how many; it replaces an earlier record.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
insert into sluice.spool (address, directory, bytes, max_bytes, from_lsn, to_lsn, full_text)
select address, $3::text, $4::bigint, $5::bigint, $6::pg_lsn, $7::pg_lsn, $8::text
from fence
on conflict (address) do update set
    directory = excluded.directory,
    bytes = excluded.bytes,
    max_bytes = excluded.max_bytes,
    from_lsn = excluded.from_lsn,
    to_lsn = excluded.to_lsn,
    full_text = excluded.full_text
