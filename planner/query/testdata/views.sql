select id, t from q.a
select x.id as one, x.t from q.a as x where x.id > 3 and x.t like 'a''b%' or x.n is null
select "Mixed ""Case", "select", "true", true as "true too", a, a.a as again from q.a
select * from q."Od""d.name"
select a.id, b.t from q.a join q.b on b.a_id = a.id
select a.id, b.id as b_id, a.t, b.t as b_t from q.a, q.b where a.id = b.a_id
select id from q.a natural join q.b
select id, a.t from q.a left join q.b using (id)
select count(*), sum(n) filter (where mood = 'good') as good, mood from q.a group by mood having count(*) > 1
select distinct on (mood) mood, n, t from q.a order by mood, n desc nulls last
select -id as id, t from q.a order by a.id
select -id as id, t from q.a order by 1
select t from q.a order by t collate "C", lower(t) limit 3 offset 1
select id from q.a where id in (select b.a_id from q.b where b.t = a.t)
select id, (select max(b.t) from q.b where b.a_id = a.id) as latest from q.a where exists (select from q.b where b.id = a.id)
select s.id from (select id, t from q.a where n > 1) as s where s.t <> ''
select id from q.a union select a_id from q.b
select id, t from q.a union all (select id, t from q.b order by t limit 1) except select 1, 'x' order by 1
with x as (select id, t from q.a) select id from x where t is not null
with recursive r (n) as (values (1) union all select n + 1 from r where n < 5) select n, n * 2 as double from r
select g, g + 1 as h from generate_series(1, 3) as g
select s.x, s.n from q.a, unnest(tags) with ordinality as s (x, n)
select x, n from unnest(array['a', 'b']) with ordinality as s (x, n)
select v.k, v.l from (values (1, 'a'), (2, E'b\\c')) as v (k, l)
select (p).x, (p).y, p, a.* is null as whole, row(id, t) = row(1, 'x') as r from q.a
select a from q.a
select q.q, mood from q.q
select q.twice(q) as q, 'good'::q.mood as mood, q.mood = 'bad' as bad from q.q
select tags[1], tags[2:3] as slice, array[id, 1] as made, id = any (array[1, 2]) as any_of, t = any (tags) as among from q.a
select case when id > 1 then 'x' when t is null then 'y' else t end as c, coalesce(t, 'none') as d, nullif(id, 0) as e, greatest(id, a) as g from q.a
select case mood when 'good' then 1 else 2 end as c, n::text || t as d, n::integer as i, cast(t as varchar(3)) as v from q.a
select row_number() over (partition by mood order by id desc) as r, sum(n) over w as s from q.a window w as (order by at rows between 1 preceding and current row)
select at + interval '1 day' as later, current_date as today, at between '2020-01-01' and now() as recent, at is distinct from now() as other from q.a
select j -> 'a' as a, j ->> 'b' as b, j #> '{c,d}' as c, j @> '{"x": 1}' as has, j ? 'k' as k from q.a
select id from only q.a tablesample system (10) repeatable (3)
select id, t from q.a for update of a skip locked
select mood, t, grouping(mood, t) as g from q.a group by grouping sets ((mood), rollup (t), ())
select percentile_cont(0.5) within group (order by n) as median, string_agg(t, ',' order by id desc) as all_t, array_agg(distinct t) as d from q.a
select x.key, x.value from q.a, lateral jsonb_each(a.j) as x
select x.a as p, y.a as r from q.a as x full join q.a as y on x.id = y.a and x.t = 'it''s' where not (x.id = 1 or y.id = 2)
select z.k, z.l from q.b as z (k, l)
select k, l || 'x' as l from q.b as z (k, l, m) order by l
select x, y from q.pairs() as f
select (q.pairs()).*
select id, t ~ '^\w+$' as r, t not ilike '%\_x' as i from q.a
select b'101' as b, x'1f' as x, '\xdead'::bytea as y, 1e10 as e, .5 as f, -1 as m
select exists (select 1) as e, array(select id from q.b) as ids, (1, 2) in (select id, a_id from q.b) as pair from q.a
select o.x, o.y as z from rows from (generate_series(1, 2), q.pairs()) with ordinality as o (x, y, w, n)
select id from q.a where ((id > 1) and (n > 2 or t is null)) and not (mood = 'good' and (id, a) < (3, 4))
select a.id, count(*) from q.a group by a.id, a.t order by a.t, count(*) desc
select lower(t) as t, id from q.a order by lower(t), id
select distinct t, id + 1 as id from q.a
select t as id, id as t from q.a order by a.id
