-- The phase, and a line of history where it is another one. The lock is the one
-- that the update needs anyway; records do not wait for it.
with held as (
    select address, epoch, phase, reason from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for no key update
),
history as (
    insert into sluice.event (address, epoch, holder, what)
    select address, epoch, $5::text, $3::text || case when $4::text = '' then '' else ': ' || $4::text end
    from held
    where (phase, reason) is distinct from ($3::text, $4::text)
)
update sluice.migration m
set phase = $3::text, reason = $4::text
from held
where m.address = held.address
