-- What nobody has answered and nobody has withdrawn, oldest first.
select id, kind, payload
from sluice.request
where address = $1::text and answered_at is null and withdrawn_at is null
order by id
