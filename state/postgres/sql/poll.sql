select lines[$2::integer + 1:], answered_at is not null, withdrawn_at is not null, result, failure
from sluice.request
where id = $1::bigint
