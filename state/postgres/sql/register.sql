-- The migration's row, at its first apply. Its lineage stays for ever.
insert into sluice.migration (address, lineage, lock_key)
values ($1::text, $2::text, $3::bigint)
on conflict (address) do nothing
