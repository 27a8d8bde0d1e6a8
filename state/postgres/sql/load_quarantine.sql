select schema_name, table_name, from_schema, from_table, concat(lsn), paused, operation, row_key, reason, since, passed
from sluice.quarantine
where address = $1::text
order by schema_name, table_name
