-- Views and materialised views with all that their columns can have, and with names that only quotes can hold.
create schema views;
create schema "V.1 ""ß
end; --";
create domain views.code as varchar(7) collate "C";
create type views.mood as enum ('good', 'b''ad');
create sequence views.numbers;
create function views.next_mood() returns views.mood language sql as $$ select 'good'::views.mood $$;
create table views.base (
  id integer primary key, name varchar(10) collate "POSIX", amount numeric(10,2), at timestamptz(3), tags text[],
  code views.code, mood views.mood, bits bit varying(5), span interval day to second(2), fixed char(4), names name,
  limits numeric(5,1)[], "select" text collate "C", "A""b.c" integer, "a""b.c" integer
);
create table views.other (id integer references views.base, note text);

-- Columns of every form; what their types say beyond the name; defaults; comments.
create view views.typed as select * from views.base;
alter view views.typed alter id set default nextval('views.numbers'), alter name set default 'it''s a\b',
  alter mood set default views.next_mood(), alter "A""b.c" set default 7, alter at set default now();
comment on view views.typed is 'Every type';
comment on column views.typed.name is 'a ''comment'' with \ and "quotes"';
comment on column views.typed."A""b.c" is 'upper';
comment on column views.typed."a""b.c" is 'lower';
create view views.computed as
  select 1 as one, null as nothing, 'x' || b.name collate "C" as collated, b.amount::numeric(12,4) as wider, array_agg(o.note) as notes,
         count(*) filter (where o.note like 'a%') as "n ""n""", row_number() over (order by b.id rows between 1 preceding and current row) as r
    from views.base as b left join views.other as o using (id) group by b.id;
create view "V.1 ""ß
end; --"."V ""w.x'y\z
" ("SELECT", "select", "sp ace", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé") as select 1, 2, 3, 4;
alter view "V.1 ""ß
end; --"."V ""w.x'y\z
" alter "sp ace" set default 5;
comment on column "V.1 ""ß
end; --"."V ""w.x'y\z
"."xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé" is '63 bytes';
create view views."Case" as select 1 as a;
create view views."case" as select 2 as a;
create view views.no_columns as select from views.base where id > 3;
create view views.no_columns_at_all as select;

-- Queries of every form.
create recursive view views.countdown (n, path) as
  values (10, array[10]) union all select n - 1, path || (n - 1) from countdown where n > 0;
create view views.with_queries as
  with recursive t (n) as (values (1) union select n + 1 from t where n < 9), u as materialized (select id from views.other)
  select t.n, u.id, (select max(note) from views.other as o where o.id = u.id) as latest from t, u where exists (select from t as x where x.n = u.id);
create view views.set_operations as (select id from views.base except all select id from views.other) union all
  (select id from views.other order by note nulls first limit 3 offset 1) order by 1 desc;
create view views.lateral_ as select b.id, s.x, j.key from views.base as b cross join lateral unnest(b.tags) with ordinality as s (x, n)
  left join lateral json_each_text('{}') as j on true where b.span > '1 day'::interval;
create view views.grouping as select mood, code, grouping(mood, code) as g, percentile_cont(0.5) within group (order by amount) as median
  from views.base group by grouping sets ((mood), rollup (code), ()) having count(*) > 1;
create view views.windows as select id, sum(amount) over w as s, lag(name, 1, 'none') over (w rows unbounded preceding exclude ties) as before
  from views.base window w as (partition by mood order by at desc nulls last);
create view views.locking as select id, name from views.base for no key update of base skip locked;
create view views.sampled as select id from views.base tablesample system (10) repeatable (3);
create view views.distinct_on as select distinct on (mood) mood, at at time zone 'UTC' as utc, case mood when 'good' then 1 else 2 end as c
  from views.base order by mood, at desc;
create view views.whole_row as select b, b.*, row(b.id, 'x') = row(1, 'x') as same, (b).name as again from views.base as b;
create view views.merged (id, a, b) as select id, x.note, y.note from views.other as x full join views.other as y using (id);
create view views.other_names (x, y) as select z.p, z.q from views.other as z (p, q);
create view views.using_values as select v.a, v.b from (values (1, 'x'::text), (2, E'y\n\\')) as v (a, b);
create view views.rows_from as select * from rows from (generate_series(1, 3), unnest(array['a', 'b'])) with ordinality as r (a, b, c);

-- Options, alone and together, and views that can be written to.
create view views.barrier with (security_barrier) as select id, name from views.base where id > 0;
create view views.no_barrier with (security_barrier = false) as select id from views.base;
create view views.local_check with (check_option = local) as select id, note from views.other where id > 0;
create view views.cascaded_check with (security_barrier = true) as select id, note from views.local_check where id < 9 with cascaded check option;
alter view views.local_check alter note set default 'local';

-- Needed by what they need: a function between two views, a key behind one.
create view views.lower_ as select id, code, mood from views.base;
create function views.of_view(views.lower_) returns text language sql stable as $$ select ($1).code::text $$;
create view views.upper_ as select l.id, views.of_view(l) as f from views.lower_ as l;
create view views.by_key as select b.id, b.name, count(*) as n from views.base as b group by b.id;

-- Materialised ones.
create materialized view views.kept with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false,
  toast.autovacuum_vacuum_threshold = 99) as select id, name, tags, code, "A""b.c" from views.base;
alter materialized view views.kept alter name set storage external, alter tags set storage main, alter name set statistics 321,
  alter code set (n_distinct = -0.25), alter id set (n_distinct = 100, n_distinct_inherited = 7), alter id set statistics 0;
create unique index kept_id on views.kept (id);
create index kept_name on views.kept (lower(name)) with (fillfactor = 50);
alter materialized view views.kept cluster on kept_name;
comment on materialized view views.kept is 'Kept';
comment on column views.kept.name is 'of a materialised view';
comment on column views.kept."A""b.c" is 'hostile';
create materialized view "V.1 ""ß
end; --"."M ""at.v'w\x
" ("SELECT", "sel ect") as select id, note from views.other;
create materialized view views.not_filled as select id from views.kept with no data;
create materialized view views.over_not_filled as select count(*) as n from views.typed with no data;
create materialized view views.no_column_kept as select from views.base;
create view views.over_kept as select k.id, n.id as n from views.kept as k left join views.not_filled as n using (id);
create materialized view views.second_hand as select count(*) as n from views.kept;
