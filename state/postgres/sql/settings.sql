-- What the holder works with from now on, and a line of history.
with changed as (
    update sluice.lease
    set settings = $3::jsonb
    where address = $1::text and epoch = $2::bigint
    returning address, epoch, holder
)
insert into sluice.event (address, epoch, holder, what)
select address, epoch, holder, 'works with ' || $3::text from changed
