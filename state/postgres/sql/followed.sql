-- A table that is followed, or was until now. One that has left has no quarantine any
-- more: it is loaded again before it is followed again.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
quarantine as (
    delete from sluice.quarantine q using fence f
    where q.address = f.address and q.schema_name = $3::text and q.table_name = $4::text and $8::boolean
)
insert into sluice.followed (address, schema_name, table_name, from_schema, from_table, digest, has_left)
select address, $3::text, $4::text, $5::text, $6::text, $7::text, $8::boolean
from fence
on conflict (address, schema_name, table_name) do update set
    from_schema = excluded.from_schema,
    from_table = excluded.from_table,
    digest = excluded.digest,
    has_left = excluded.has_left
