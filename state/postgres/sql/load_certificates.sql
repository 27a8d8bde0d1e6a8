select schema_name, table_name, rows, hash, concat(lsn), compared_at, equal, detail, file
from sluice.certificate
where address = $1::text
order by schema_name, table_name
