-- Records of steps in one state; a second one of a step replaces the first.
with fence as (
    select address from sluice.migration
    where address = $1::text and epoch = $2::bigint
    for key share
),
recorded as (
    insert into sluice.step (address, digest, id, state, fingerprint)
    select address, s.digest, s.id, $3::text, s.fingerprint
    from fence
    cross join unnest($4::text[], $5::text[], $6::bytea[]) as s (id, fingerprint, digest)
    on conflict (address, digest) do update set
        state = excluded.state,
        fingerprint = excluded.fingerprint,
        recorded_at = excluded.recorded_at
)
select 1 from fence
