-- The chunks of one table, or, where none is named, of all.
select
    schema_name, table_name, number, low, high, by_key, key_column, snapshot, rows, bytes
from sluice.chunk
where address = $1::text
    and ($3::text is null or schema_name = $2::text and table_name = $3::text)
order by schema_name, table_name, number
