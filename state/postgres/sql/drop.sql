-- Removes what schema.sql made. Without cascade: what somebody has built on it
-- is not ours to remove.
drop view sluice.status, sluice.holder;
drop table
    sluice.request, sluice.event, sluice.lease, sluice.certificate, sluice.spool, sluice.progress,
    sluice.quarantine, sluice.followed, sluice.chunk, sluice.step, sluice.migration, sluice.format;
