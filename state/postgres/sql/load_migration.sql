select
    m.address, m.lineage, m.epoch, m.phase, m.reason, m.plan_id, m.slot,
    m.source_system, m.source_database, m.source_timeline, m.target_system, m.target_database,
    concat(coalesce(p.lsn, '0/0')), p.commit_time,
    coalesce(p.inserts, 0), coalesce(p.updates, 0), coalesce(p.deletes, 0), coalesce(p.truncates, 0),
    concat(coalesce(p.source_lsn, '0/0')),
    coalesce(h.holder, ''), h.heartbeat, coalesce(h.live, false), coalesce(h.settings, '{}'),
    h.builds,
    coalesce(s.directory, ''), coalesce(s.bytes, 0), coalesce(s.max_bytes, 0),
    concat(coalesce(s.from_lsn, '0/0')), concat(coalesce(s.to_lsn, '0/0')), coalesce(s.full_text, '')
from sluice.migration m
left join sluice.progress p on p.address = m.address
left join sluice.spool s on s.address = m.address
left join sluice.holder h on h.address = m.address
where m.address = $1::text
