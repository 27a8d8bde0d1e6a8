-- What the last comparison of a table found.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
insert into sluice.certificate (
    address, schema_name, table_name, rows, hash, lsn, compared_at, equal, detail, file
)
select
    address, $3::text, $4::text, $5::bigint, $6::text, $7::pg_lsn,
    coalesce($8::timestamptz, clock_timestamp()), $9::boolean, $10::text, $11::text
from fence
on conflict (address, schema_name, table_name) do update set
    rows = excluded.rows,
    hash = excluded.hash,
    lsn = excluded.lsn,
    compared_at = excluded.compared_at,
    equal = excluded.equal,
    detail = excluded.detail,
    file = excluded.file
