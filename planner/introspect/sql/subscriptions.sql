-- Subscriptions, which stay behind. Until 13 who is no superuser may not even read their OIDs.
-- https://www.postgresql.org/docs/current/catalog-pg-subscription.html
select 'pg_catalog.pg_subscription'::pg_catalog.regclass::oid as class,
       s.oid, -- from 14
       0::oid as oid, -- before 14
       'subscription' as kind,
       '' as schema,
       0::oid as relation_oid,
       '' as relation,
       s.subname::text as name,
       '' as args,
       pg_catalog.pg_get_userbyid(s.subowner)::text as owner,
       coalesce(d.description, '') as comment, -- from 14
       '' as comment, -- before 14
       'a subscription holds a connection string with a password, and two subscribers of one slot would fight over it: '
         || 'after the cutover disable it here, set its slot_name to none, drop it, '
         || 'and create it on the target with create_slot = false and copy_data = false' as reason,
       '' as code
  from pg_catalog.pg_subscription as s
  join pg_catalog.pg_database as db on db.oid = s.subdbid
  left join pg_catalog.pg_description as d -- from 14
    on d.objoid = s.oid and d.classoid = 'pg_catalog.pg_subscription'::pg_catalog.regclass -- from 14
 where db.datname = pg_catalog.current_database()
 order by s.subname
