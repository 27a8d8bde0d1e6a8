-- The unique indexes of tables: a row for each, or one without columns. told: it can be
-- told by the values of its columns whether two rows meet in it.
-- https://www.postgresql.org/docs/current/catalog-pg-index.html
select n.nspname, c.relname,
	c.relkind = 'r' and (i.indexrelid is null
		or am.amname = 'btree' and i.indpred is null and i.indexprs is null and not i.indisexclusion and key.told),
	key.columns,
	coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) -- from 15 on
from unnest($1::text[], $2::text[]) as wanted (schema, name)
join pg_catalog.pg_namespace n on n.nspname = wanted.schema
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
left join pg_catalog.pg_index i on i.indrelid = c.oid and (i.indisunique or i.indisexclusion)
left join pg_catalog.pg_class ic on ic.oid = i.indexrelid
left join pg_catalog.pg_am am on am.oid = ic.relam
left join lateral (
	select pg_catalog.array_agg(a.attname::text order by k.place) as columns,
		pg_catalog.bool_and(oc.opcdefault
			and coalesce((pg_catalog.to_jsonb(co) ->> 'collisdeterministic')::boolean, true)) as told -- from 12 on
	from unnest(i.indkey, i.indclass, i.indcollation) with ordinality as k (attnum, class, collated, place)
	join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
	join pg_catalog.pg_opclass oc on oc.oid = k.class -- a column that is only included has none
	left join pg_catalog.pg_collation co on co.oid = k.collated
) as key on true
order by n.nspname, c.relname, i.indexrelid
