select schema_name, table_name, from_schema, from_table, digest, has_left
from sluice.followed
where address = $1::text
order by schema_name, table_name
