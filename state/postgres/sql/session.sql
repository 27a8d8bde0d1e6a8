-- The session that keeps the lock. Keepalives: where the holder's machine is
-- gone without a word, the server notices after about half a minute and drops
-- the lock. And a phase is announced only once it is on disk, whatever the
-- database's default.
select
    set_config('tcp_keepalives_idle', '15', false),
    set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '3', false),
    set_config('synchronous_commit', case current_setting('synchronous_commit')
        when 'off' then 'on'
        else current_setting('synchronous_commit')
    end, false)
