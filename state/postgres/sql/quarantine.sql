-- A table whose changes are passed over from a position on. What was found of it before
-- is no longer so. Written once more, it stays as it was.
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
    insert into sluice.quarantine (address, schema_name, table_name, from_schema, from_table, lsn, operation, row_key, reason)
    select address, $3::text, $4::text, $5::text, $6::text, $7::pg_lsn, $8::text, $9::text, $10::text
    from fence
    on conflict (address, schema_name, table_name) do nothing
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, $11::text, 'in quarantine: ' || $3::text || '.' || $4::text
from fence
