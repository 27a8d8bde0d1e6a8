select
    schema_name, table_name, number, low, high, by_key, key_column, snapshot, rows, bytes
from sluice.chunk
where address = $1::text
order by schema_name, table_name, number
