-- The position, with its own copy of the epoch: one row, no other lock. A
-- takeover updates this row too; so it waits for us, or we wait for it and then
-- find another epoch.
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
