-- Every row of the migration, if its epoch still is ours.
with forgotten as (
    delete from sluice.migration
    where address = $1::text and epoch = $2::bigint
    returning address
),
step as (delete from sluice.step x using forgotten f where x.address = f.address),
chunk as (delete from sluice.chunk x using forgotten f where x.address = f.address),
quarantine as (delete from sluice.quarantine x using forgotten f where x.address = f.address),
followed as (delete from sluice.followed x using forgotten f where x.address = f.address),
progress as (delete from sluice.progress x using forgotten f where x.address = f.address),
spool as (delete from sluice.spool x using forgotten f where x.address = f.address),
certificate as (delete from sluice.certificate x using forgotten f where x.address = f.address),
lease as (delete from sluice.lease x using forgotten f where x.address = f.address),
event as (delete from sluice.event x using forgotten f where x.address = f.address),
request as (delete from sluice.request x using forgotten f where x.address = f.address)
select address from forgotten
