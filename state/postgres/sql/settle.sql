-- Waits until no transaction with a record is open: each holds one of these rows
-- until its commit is through, also where nobody is left to hear of it.
select 1
from sluice.migration m
join sluice.progress p on p.address = m.address
where m.address = $1::text and m.epoch = $2::bigint
for update
