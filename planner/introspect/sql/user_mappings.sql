-- User mappings. Secrets stay on the server, as in wrappers.sql. The view shows the options of others to superusers,
-- those of the public's to whom the server belongs, too: to all else it looks as if there were none.
-- https://www.postgresql.org/docs/current/view-pg-user-mappings.html
select m.umid as oid,
       '' as schema,
       m.usename::text as name,
       '' as owner,
       '' as comment,
       m.srvname::text as server,
       not (u.rolsuper
            or m.umuser = 0 and pg_catalog.pg_has_role(s.srvowner, 'usage')
            or m.umuser = u.oid and (pg_catalog.pg_has_role(s.srvowner, 'usage')
                                     or pg_catalog.has_server_privilege(s.oid, 'usage'))) as hidden,
       array(
         select o.option
           from pg_catalog.unnest(m.umoptions) with ordinality as o (option, number)
          where o.option !~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
            and o.option !~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as options,
       array(
         select pg_catalog.split_part(o.option, '=', 1)
           from pg_catalog.unnest(m.umoptions) with ordinality as o (option, number)
          where o.option ~* '^(?!password_required=)[^=]*(pass|pwd|secret|token|credential|private|key)'
             or o.option ~* '=.*((password|passwd|pwd|secret|token)\s*=|://[^/@\s]*:[^/@\s]*@)'
          order by o.number
       ) as secrets
  from pg_catalog.pg_user_mappings as m
  join pg_catalog.pg_foreign_server as s on s.oid = m.srvid
  join pg_catalog.pg_roles as u on u.rolname = current_user
 where not exists (
         select from pg_catalog.pg_depend as e
          where e.classid = 'pg_catalog.pg_user_mapping'::pg_catalog.regclass and e.objid = m.umid
            and e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.deptype = 'e'
       )
 order by m.srvname, m.usename
