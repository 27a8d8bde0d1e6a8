-- Publications, sluice's own among them. https://www.postgresql.org/docs/current/catalog-pg-publication.html
select p.oid,
       '' as schema,
       p.pubname::text as name,
       pg_catalog.pg_get_userbyid(p.pubowner)::text as owner,
       coalesce(d.description, '') as comment,
       p.puballtables as all_tables,
       p.puballsequences as all_sequences, -- from 19
       false as all_sequences, -- before 19
       p.pubinsert as insert,
       p.pubupdate as update,
       p.pubdelete as delete,
       p.pubtruncate as truncate, -- from 11
       false as truncate, -- before 11
       p.pubviaroot as via_root, -- from 13
       false as via_root, -- before 13
       p.pubgencols::text as generated, -- from 18
       '' as generated, -- before 18
       array(
         select n.nspname::text -- from 15
           from pg_catalog.pg_publication_namespace as s -- from 15
           join pg_catalog.pg_namespace as n on n.oid = s.pnnspid -- from 15
          where s.pnpubid = p.oid -- from 15
          order by n.nspname::text collate "C" -- from 15
         select null::text where false -- before 15
       ) as schemas
  from pg_catalog.pg_publication as p
  left join pg_catalog.pg_description as d
    on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_publication'::pg_catalog.regclass and d.objsubid = 0
 order by p.pubname
