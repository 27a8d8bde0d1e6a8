-- On which timeline the source's WAL is, up to all that was read of it.
update sluice.migration
set source_timeline = $3::integer
where address = $1::text and epoch = $2::bigint
