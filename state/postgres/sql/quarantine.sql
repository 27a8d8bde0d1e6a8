-- A table whose changes are passed over from a position on. What was found of it before
-- is no longer so. Written once more, it stays as it was, unless it is paused: then it
-- may have gone further, to another change that does not fit.
with fence as (
    select address, epoch from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
certificate as (
    delete from sluice.certificate c using fence f
    where c.address = f.address and c.schema_name = $3::text and c.table_name = $4::text
),
quarantine as (
    insert into sluice.quarantine as q (address, schema_name, table_name, from_schema, from_table, lsn, paused, operation, row_key, reason)
    select address, $3::text, $4::text, $5::text, $6::text, $7::pg_lsn, $8::boolean, $9::text, $10::text, $11::text
    from fence
    on conflict (address, schema_name, table_name) do update set
        lsn = excluded.lsn,
        paused = excluded.paused,
        operation = excluded.operation,
        row_key = excluded.row_key,
        reason = excluded.reason
    where q.paused
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $12::text, case when $8::boolean then 'paused: ' else 'in quarantine: ' end || $3::text || '.' || $4::text
from fence
