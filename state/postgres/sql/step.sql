-- A step's record; a second one replaces the first.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
)
insert into sluice.step (address, digest, id, state, fingerprint)
select address, sha256(convert_to($3::text, 'UTF8')), $3::text, $4::text, $5::text
from fence
on conflict (address, digest) do update set
    state = excluded.state,
    fingerprint = excluded.fingerprint,
    recorded_at = excluded.recorded_at
