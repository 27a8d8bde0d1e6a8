-- The position, as position.sql has it, with how many changes were passed over until
-- then. Where the epoch is another one, the transaction is rolled back, and this too.
with passed as (
    update sluice.quarantine q
    set passed = n.changes
    from unnest($9::text[], $10::text[], $11::bigint[]) as n (schema_name, table_name, changes)
    where q.address = $1::text and q.schema_name = n.schema_name and q.table_name = n.table_name
)
update sluice.progress
set
    lsn = $3::pg_lsn,
    commit_time = $4::timestamptz,
    inserts = $5::bigint,
    updates = $6::bigint,
    deletes = $7::bigint,
    truncates = $8::bigint,
    updated_at = clock_timestamp()
where address = $1::text and epoch = $2::bigint
