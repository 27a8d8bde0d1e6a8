-- Settings that decide whether a migration can run, as they were before pin.sql, which touches none of them.
-- https://www.postgresql.org/docs/current/view-pg-settings.html
select s.name, s.setting
  from pg_catalog.pg_settings as s
 where s.name in (
         'block_size',
         'data_checksums',
         'hot_standby_feedback',
         'idle_replication_slot_timeout',
         'logical_decoding_work_mem',
         'maintenance_work_mem',
         'max_connections',
         'max_locks_per_transaction',
         'max_parallel_maintenance_workers',
         'max_prepared_transactions',
         'max_replication_slots',
         'max_slot_wal_keep_size',
         'max_standby_streaming_delay',
         'max_wal_senders',
         'max_worker_processes',
         'rds.logical_replication',
         'reserved_connections',
         'superuser_reserved_connections',
         'synchronous_commit',
         'synchronous_standby_names',
         'wal_keep_size',
         'wal_level',
         'wal_sender_timeout'
       )
 order by s.name
