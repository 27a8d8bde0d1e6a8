-- Everything that the state consists of, format 7. Runs in one transaction,
-- under the schema's lock, where sluice.format does not exist. The schema may
-- be there already: a role that may not create one is given an empty one.
--
-- Text that is part of a key has collation C, so that a new version of the C
-- library or of ICU does not change the order of an index under our feet:
-- https://wiki.postgresql.org/wiki/Locale_data_changes

create table sluice.format (
    version bigint not null
);
insert into sluice.format (version) values (7);

create table sluice.migration (
    address         text        collate "C" primary key,
    lineage         text        not null,
    epoch           bigint      not null default 0,
    phase           text        not null default 'planned',
    reason          text        not null default '',
    plan_id         text        not null default '',
    slot            text        not null default '',
    source_system   text        not null default '',
    source_database text        not null default '',
    source_timeline integer     not null default 0,
    target_system   text        not null default '',
    target_database text        not null default '',
    lock_key        bigint      not null,
    created_at      timestamptz not null default clock_timestamp()
);
comment on column sluice.migration.epoch is 'grows with each process that takes the lock; a write with another epoch hits nothing';
comment on column sluice.migration.source_timeline is 'of the source''s WAL, up to all that was read of it; 0: nothing was';
comment on column sluice.migration.lock_key is 'of the advisory lock that the holder''s session keeps';

-- A step's id names its object, a function with all its arguments: it may be
-- longer than an index entry can be (about 2,700 bytes), hence the digest.
create table sluice.step (
    address     text        collate "C" not null,
    digest      bytea       not null,
    id          text        collate "C" not null,
    state       text        not null check (state in ('intent', 'done')),
    fingerprint text        not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (address, digest)
);

-- The primary key is what makes a doubled chunk impossible: its rows roll back
-- together with the second record.
create table sluice.chunk (
    address     text        collate "C" not null,
    schema_name text        collate "C" not null,
    table_name  text        collate "C" not null,
    number      bigint      not null,
    low         text,
    high        text,
    by_key      boolean     not null,
    key_column  text        not null,
    snapshot    text        not null,
    rows        bigint      not null,
    bytes       bigint      not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (address, schema_name, table_name, number)
);

-- The tables that the slot's changes go to. One that has left is passed over.
create table sluice.followed (
    address     text        collate "C" not null,
    schema_name text        collate "C" not null,
    table_name  text        collate "C" not null,
    from_schema text        not null,
    from_table  text        not null,
    digest      text        not null,
    has_left    boolean     not null,
    primary key (address, schema_name, table_name)
);
comment on column sluice.followed.digest is 'of how its rows travel: with another one they are loaded again';

-- The tables of which changes are passed over. It is written before the position gets
-- past the first of them.
create table sluice.quarantine (
    address     text        collate "C" not null,
    schema_name text        collate "C" not null,
    table_name  text        collate "C" not null,
    from_schema text        not null,
    from_table  text        not null,
    lsn         pg_lsn      not null,
    paused      boolean     not null,
    operation   text        not null,
    row_key     text        not null,
    reason      text        not null,
    since       timestamptz not null default clock_timestamp(),
    passed      bigint      not null default 0,
    primary key (address, schema_name, table_name)
);
comment on column sluice.quarantine.lsn is 'of the first transaction of which nothing is applied to the table';
comment on column sluice.quarantine.paused is 'its definition is another one on the source: its changes are kept, and it goes on from lsn';
comment on column sluice.quarantine.passed is 'changes that were passed over; it is written with the position';

-- The epoch is repeated here, so that recording a position updates one row and
-- locks no other.
create table sluice.progress (
    address     text        collate "C" primary key,
    epoch       bigint      not null,
    lsn         pg_lsn      not null default '0/0',
    commit_time timestamptz,
    inserts     bigint      not null default 0,
    updates     bigint      not null default 0,
    deletes     bigint      not null default 0,
    truncates   bigint      not null default 0,
    source_lsn  pg_lsn      not null default '0/0',
    updated_at  timestamptz not null default clock_timestamp()
);

-- Changes that the source was told it may forget. All but the directory is for
-- people.
create table sluice.spool (
    address   text   collate "C" primary key,
    directory text   not null,
    bytes     bigint not null,
    max_bytes bigint not null,
    from_lsn  pg_lsn not null,
    to_lsn    pg_lsn not null,
    full_text text   not null
);
comment on column sluice.spool.directory is 'on the machine where apply runs';
comment on column sluice.spool.full_text is 'why nothing is taken from the slot; empty: it is';

create table sluice.certificate (
    address     text        collate "C" not null,
    schema_name text        collate "C" not null,
    table_name  text        collate "C" not null,
    rows        bigint      not null,
    hash        text        not null,
    lsn         pg_lsn      not null,
    compared_at timestamptz not null,
    equal       boolean     not null,
    detail      text        not null,
    file        text        not null,
    primary key (address, schema_name, table_name)
);

-- Who holds a migration. No row: nobody. A row whose session is gone: its
-- process died.
create table sluice.lease (
    address   text        collate "C" primary key,
    epoch     bigint      not null,
    holder    text        not null,
    pid       integer     not null,
    settings  jsonb       not null,
    builds    jsonb       not null default '[]',
    heartbeat timestamptz not null default clock_timestamp()
);
comment on column sluice.lease.settings is 'the numbers that the holder works with; it takes others while it runs';
comment on column sluice.lease.builds is 'the indexes and keys that the holder makes, and how far they are';
comment on column sluice.lease.pid is 'the backend of the session that keeps the advisory lock';

create table sluice.event (
    id      bigint      generated always as identity primary key,
    address text        collate "C" not null,
    at      timestamptz not null default clock_timestamp(),
    epoch   bigint      not null,
    holder  text        not null,
    what    text        not null
);
create index event_address on sluice.event (address, id);

create table sluice.request (
    id           bigint      generated always as identity primary key,
    address      text        collate "C" not null,
    kind         text        not null,
    payload      bytea       not null,
    asked_at     timestamptz not null default clock_timestamp(),
    lines        text[]      not null default '{}',
    result       text        not null default '',
    failure      text        not null default '',
    answered_at  timestamptz,
    withdrawn_at timestamptz
);
create index request_open on sluice.request (address, id)
    where answered_at is null and withdrawn_at is null;

-- A lease is live while its session has the advisory lock. A bigint key shows
-- as two halves, with objsubid 1:
-- https://www.postgresql.org/docs/current/view-pg-locks.html
create view sluice.holder as
select
    l.address,
    l.holder,
    l.heartbeat,
    l.settings,
    l.builds,
    exists (
        select from pg_catalog.pg_locks k
        where k.locktype = 'advisory'
            and k.database = (select oid from pg_catalog.pg_database where datname = current_database())
            and k.classid = ((m.lock_key >> 32) & 4294967295)::oid
            and k.objid = (m.lock_key & 4294967295)::oid
            and k.objsubid = 1
            and k.pid = l.pid
            and k.granted
    ) as live
from sluice.lease l
join sluice.migration m on m.address = l.address;

-- For people and for dashboards: select * from sluice.status. A migration that
-- has applied all that the source has written lags by 0 seconds, however long
-- ago the last commit was.
create view sluice.status as
select
    m.address,
    m.phase,
    m.reason,
    (select count(*) from sluice.step s where s.address = m.address and s.state = 'done') as steps_done,
    c.chunks,
    c.rows,
    c.bytes,
    p.lsn,
    case
        when p.lsn > '0/0' and p.source_lsn > '0/0' then greatest(p.source_lsn - p.lsn, 0)::bigint
    end as lag_bytes,
    case
        when p.lsn > '0/0' and p.lsn >= p.source_lsn then 0::double precision
        when p.commit_time is not null then greatest(date_part('epoch', clock_timestamp() - p.commit_time), 0)
    end as lag_seconds,
    h.holder,
    h.heartbeat,
    coalesce(h.live, false) as live
from sluice.migration m
left join sluice.progress p on p.address = m.address
left join sluice.holder h on h.address = m.address
cross join lateral (
    select
        count(*) as chunks,
        coalesce(sum(k.rows), 0)::bigint as rows,
        coalesce(sum(k.bytes), 0)::bigint as bytes
    from sluice.chunk k
    where k.address = m.address
) c;
