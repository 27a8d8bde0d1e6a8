-- Who holds up the creation of a slot: transactions with an xid, running or
-- prepared, oldest first. An xid is given at the first write. Of a session's last
-- statement the beginning is shown, as far as no value is written in it.
-- https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
select what
from (
  select pg_catalog.age(a.backend_xid) as age,
         pg_catalog.format('pid %s (%s%s) holds transaction %s, %s for %s s: %s', a.pid, a.usename,
                           case when a.application_name <> '' then ', ' || a.application_name else '' end,
                           a.backend_xid, a.state,
                           pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)::bigint,
                           pg_catalog.left(q.shown, 80)) as what
  from pg_catalog.pg_stat_activity a
  cross join lateral (
    select pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(
             a.query, '(''|\$[^ ]*\$).*', '...'), '\m[0-9][0-9.]*', '?', 'g'), '\s+', ' ', 'g') as shown
  ) q
  where a.backend_xid is not null
    and a.pid <> all ($1::int[])
  union all
  select pg_catalog.age(p.transaction),
         pg_catalog.format('prepared transaction %L (%s) holds transaction %s, for %s s', p.gid, p.owner, p.transaction,
                           pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - p.prepared)::bigint)
  from pg_catalog.pg_prepared_xacts p
) blocker
order by age desc, what
