-- Foreign-data wrappers. An option that looks like a secret, by its name or as a connection string, is named only: its
-- value does not leave the server. Whether postgres_fdw asks for a password is none.
-- https://www.postgresql.org/docs/current/catalog-pg-foreign-data-wrapper.html
select w.oid,
       '' as schema,
       w.fdwname::text as name,
       pg_catalog.pg_get_userbyid(w.fdwowner)::text as owner,
       coalesce(d.description, '') as comment,
       coalesce(hn.nspname::text, '') as handler_schema,
       coalesce(h.proname::text, '') as handler_name,
       coalesce(vn.nspname::text, '') as validator_schema,
       coalesce(v.proname::text, '') as validator_name,
       array(
         select o.option
           from pg_catalog.unnest(w.fdwoptions) with ordinality as o (option, number)
          where o.option !~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
            and o.option !~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as options,
       array(
         select pg_catalog.split_part(o.option, '=', 1)
           from pg_catalog.unnest(w.fdwoptions) with ordinality as o (option, number)
          where o.option ~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
             or o.option ~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as secrets
  from pg_catalog.pg_foreign_data_wrapper as w
  left join pg_catalog.pg_proc as h on h.oid = w.fdwhandler
  left join pg_catalog.pg_namespace as hn on hn.oid = h.pronamespace
  left join pg_catalog.pg_proc as v on v.oid = w.fdwvalidator
  left join pg_catalog.pg_namespace as vn on vn.oid = v.pronamespace
  left join pg_catalog.pg_description as d
    on d.objoid = w.oid and d.classoid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass and d.objsubid = 0
 where not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass and e.objid = w.oid
            and e.deptype = 'e'
       )
 order by w.fdwname
