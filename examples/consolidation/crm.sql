create table users (id uuid primary key, name text, seen_ts timestamptz);
create table tbl_notes (id bigint generated always as identity primary key, of uuid references users, "Text" text);
create materialized view note_counts as select of, count(*) as n from tbl_notes group by of;
insert into users select md5(i::text)::uuid, 'p' || i, '2026-02-02' from generate_series(1, 50) as i;
insert into tbl_notes (of, "Text") select md5((1 + i % 50)::text)::uuid, 'note ' || i from generate_series(1, 500) as i;
refresh materialized view note_counts;
