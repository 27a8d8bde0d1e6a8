-- The migration's row, at its first apply. Its lineage stays for ever. The epoch
-- begins with the id of this transaction, and each later one has an id of its own:
-- so no epoch comes twice, not even after the migration was forgotten, and a
-- process of the forgotten one cannot pass the fence of a new one.
insert into sluice.migration (address, lineage, lock_key, epoch)
values ($1::text, $2::text, $3::bigint, txid_current())
on conflict (address) do nothing
