-- One that is answered stays answered: Poll looks at that first.
update sluice.request
set withdrawn_at = coalesce(withdrawn_at, clock_timestamp())
where id = $1::bigint
