create type order_state as enum ('new', 'paid');
create table users (id int primary key, "Mail" text not null unique);
create table tbl_orders (
  id serial primary key,
  user_id int not null references users on delete cascade,
  state order_state not null default 'new',
  amount numeric(12,2) check (amount >= 0),
  placed_ts timestamptz not null default '2026-01-01'
);
create index on tbl_orders (user_id, placed_ts desc) where state = 'new';
create view open_orders as
  select u."Mail", count(*) as n, max(o.placed_ts) as last
    from tbl_orders o join users u on u.id = o.user_id where o.state = 'new' group by u."Mail";
create table tmp_import (line text);
insert into users select i, 'u' || i || '@example.com' from generate_series(1, 100) as i;
insert into tbl_orders (user_id, amount) select 1 + i % 100, i from generate_series(1, 1000) as i;
insert into tbl_orders (user_id, amount, placed_ts) select 1 + i % 100, i, '2019-05-05' from generate_series(1, 300) as i;
