-- Records of chunks. No "on conflict": a chunk that is there already raises
-- unique_violation, and its rows are rolled back with it.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
recorded as (
    insert into sluice.chunk (
        address, schema_name, table_name, number,
        low, high, by_key, key_column, snapshot, rows, bytes
    )
    select fence.address, c.*
    from fence
    cross join unnest(
        $3::text[], $4::text[], $5::bigint[],
        $6::text[], $7::text[], $8::boolean[], $9::text[], $10::text[], $11::bigint[], $12::bigint[]
    ) as c
)
select 1 from fence
