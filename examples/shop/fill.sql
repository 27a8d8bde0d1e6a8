-- Rows by arithmetic and md5 only: two loads of one scale are equal, on every major. shop.scale is set by Load.
insert into public.customers (email, name, status, tags, preferences, referred_by, created_at, updated_at)
select 'customer' || i || '@example.com', 'Customer ' || i,
       (enum_range(null::public.customer_status))[1 + i % 3],
       array['tag' || i % 7, 'ta"g, ' || i % 5],
       jsonb_build_object('newsletter', i % 2 = 0, 'language', (array['en', 'de', 'ko'])[1 + i % 3], 'seen', i),
       case when i > 10 and i % 4 = 0 then i / 4 end,
       timestamptz '2023-01-01 00:00+00' + i * interval '97 minutes',
       timestamptz '2024-01-01 00:00+00' + i * interval '97 minutes'
  from generate_series(1, 5000 * current_setting('shop.scale')::int) as i order by i;

insert into public.carts (id, customer_id, items, updated_at)
select md5('cart ' || i)::uuid, i,
       jsonb_build_array(jsonb_build_object('product', 1 + i % 1000, 'quantity', 1 + i % 3)),
       timestamptz '2025-06-01 00:00+00' + i * interval '1 minute'
  from generate_series(1, 1500 * current_setting('shop.scale')::int) as i order by i;

insert into public.categories (parent_id, name)
select case when i > 8 then 1 + i % 8 end, 'Category ' || i
  from generate_series(1, 40) as i where current_setting('shop.scale')::int > 0 order by i;

insert into public.products (sku, name, category_id, price, discount, attributes, dimensions, updated_at)
select 'SKU-' || lpad(i::text, 8, '0'), 'Product Nº ' || i, 1 + i % 40, (i * 37 % 99900) / 100.0 + 1, i % 20,
       case when i % 10 > 0 then jsonb_build_object('colour', (array['red', 'green', 'blüe'])[1 + i % 3], 'weight', i % 500 / 10.0) end,
       array[i % 100, i % 50, i % 25], timestamptz '2025-01-01 00:00+00' + i * interval '1 minute'
  from generate_series(1, 1000 * current_setting('shop.scale')::int) as i order by i;

-- Every third image has some 10 KB, which md5 leaves nothing to compress of.
insert into public.product_images (id, product_id, position, caption, content)
select md5('image ' || i)::uuid, 1 + i % (1000 * current_setting('shop.scale')::int), i / 1000, 'Image ' || i,
       (select string_agg(decode(md5(i || '/' || block), 'hex'), '' order by block)
          from generate_series(1, case when i % 3 = 0 then 640 else 12 end) as block)
  from generate_series(1, 300 * current_setting('shop.scale')::int) as i order by i;

insert into public.price_changes (product_id, old_price, new_price, changed_at)
select 1 + i % 1000, i % 90 + 1, i % 90 + 2, timestamptz '2025-01-01 00:00+00' + i * interval '5 minutes'
  from generate_series(1, 500 * current_setting('shop.scale')::int) as i order by i;

insert into public.stock (warehouse, product_id, quantity)
select warehouse, i, (i * 7 % 1000) + 1000
  from generate_series(1, 1000 * current_setting('shop.scale')::int) as i, unnest(array['north', 'south', 'east']) as warehouse
 order by i, warehouse;

insert into public.reservations (warehouse, product_id, quantity, until)
select (array['north', 'south', 'east'])[1 + i % 3], 1 + i % 1000, 1 + i % 4,
       timestamptz '2026-01-01 00:00+00' + i * interval '1 hour'
  from generate_series(1, 500 * current_setting('shop.scale')::int) as i order by i;

insert into public.coupons (code, discount, priority, valid_till)
select 'SAVE' || i, i % 50, i, case when i % 3 > 0 then date '2026-01-01' + i end
  from generate_series(1, 200) as i where current_setting('shop.scale')::int > 0 order by i;

-- Two and a half years: every partition gets some.
insert into public.orders (placed_at, customer_id, status, shipping, note)
select timestamptz '2024-01-01 00:00+00' + (i * 7919 % 1314000) * interval '1 minute',
       1 + i % (5000 * current_setting('shop.scale')::int),
       (enum_range(null::public.order_status))[1 + i % 5],
       jsonb_build_object('city', 'City ' || i % 300, 'express', i % 9 = 0),
       case when i % 6 = 0 then repeat('A note that compresses. ', i % 40) end
  from generate_series(1, 15000 * current_setting('shop.scale')::int) as i order by i;

insert into public.order_lines (order_id, placed_at, line, product_id, quantity, unit_price)
select o.id, o.placed_at, line, 1 + (o.id * 31 + line * 17) % 1000, 1 + (o.id + line) % 4, ((o.id * 13 + line) % 5000) / 100.0
  from public.orders as o, generate_series(1, 1 + o.id % 4) as line
 order by o.id, line;

insert into public.order_events (order_id, old_status, new_status, at)
select o.id, 'draft', o.status, o.placed_at + interval '1 hour'
  from public.orders as o where o.status <> 'draft' and o.id % 10 = 1 order by o.id;

insert into billing.invoices (customer_id, order_id, amount, issued_on)
select o.customer_id, o.id, (select sum(l.total) from public.order_lines as l where l.order_id = o.id and l.placed_at = o.placed_at),
       date '2024-01-01' + (o.id % 900)::int
  from public.orders as o where o.status in ('placed', 'paid', 'shipped') order by o.id;

insert into billing.payments (invoice_number, method, amount, details, received_at)
select i.number, (enum_range(null::billing.payment_method))[1 + i.order_id % 3], i.amount,
       jsonb_build_object('last4', lpad((i.order_id % 10000)::text, 4, '0')),
       i.issued_on::timestamp at time zone 'UTC' + interval '3 days'
  from billing.invoices as i where i.order_id % 7 > 0 order by i.number;

-- One of three rows has an equal one.
insert into public.page_views (customer_id, path, agent, seen_at)
select case when i % 3 > 0 then i % 5000 end, '/product/' || i % 1000, 'agent ' || i % 12,
       timestamptz '2025-10-01 00:00+00' + i * interval '1 second'
  from generate_series(1, 19000 * current_setting('shop.scale')::int) as i, generate_series(1, case when i % 3 = 0 then 2 else 1 end)
 order by i;

insert into public.import_staging (line, payload)
select i, jsonb_build_object('line', i) from generate_series(1, 20 * current_setting('shop.scale')::int) as i order by i;

refresh materialized view public.category_sizes;
