-- What the holder builds.
update sluice.lease
set builds = $3::jsonb
where address = $1::text and epoch = $2::bigint
