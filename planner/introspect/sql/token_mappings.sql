-- Which dictionaries see a token of a configuration, in their order; of whosever configurations but the system's. What
-- a token is called the parser says. One that it does not know any more cannot be named, so it is left out.
-- https://www.postgresql.org/docs/current/catalog-pg-ts-config-map.html
select m.mapcfg as configuration,
       k.alias as token,
       dn.nspname::text as dictionary_schema,
       d.dictname::text as dictionary_name
  from pg_catalog.pg_ts_config as c
 cross join lateral pg_catalog.ts_token_type(c.cfgparser) as k
  join pg_catalog.pg_ts_config_map as m on m.mapcfg = c.oid and m.maptokentype = k.tokid
  join pg_catalog.pg_ts_dict as d on d.oid = m.mapdict
  join pg_catalog.pg_namespace as dn on dn.oid = d.dictnamespace
 where c.oid >= 16384 -- FirstNormalObjectId: below is what initdb made
 order by m.mapcfg, m.maptokentype, m.mapseqno
