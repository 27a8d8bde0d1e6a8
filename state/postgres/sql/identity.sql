-- The servers that the state belongs to, and the strongest row lock: it waits
-- for every transaction that has passed the fence of a record (for key share),
-- and makes those to come wait for us. They then see the new epoch.
-- https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
select source_system, source_database, target_system, target_database
from sluice.migration
where address = $1::text
for update
