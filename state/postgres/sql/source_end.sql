-- Where the source's WAL ends. A batch that is being committed has the row for a
-- moment.
update sluice.progress
set source_lsn = $3::pg_lsn
where address = $1::text and epoch = $2::bigint
