package shop

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// order is an order's key.
type order struct {
	id       int64
	placedAt time.Time
}

// anOrder chooses and locks an order near a random number, as an application would before it changes several of its
// rows; false when another writer has it.
func (w *writer) anOrder(ctx context.Context, tx pgx.Tx) (o order, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		select id, placed_at from public.orders where id >= $1
		 order by id, placed_at limit 1 for update skip locked`, w.id(w.shop.orders)).Scan(&o.id, &o.placedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, false, nil
	}
	return o, err == nil, err
}

// placeOrder touches four tables: the order, its lines, the stock and, sometimes, an invoice.
func (w *writer) placeOrder(ctx context.Context, tx pgx.Tx) error {
	o, customer := order{placedAt: w.when()}, w.id(w.shop.customers)
	err := tx.QueryRow(ctx, `
		insert into public.orders (placed_at, customer_id, status, shipping)
		values ($1, $2, 'placed', jsonb_build_object('city', $3::text)) returning id`,
		o.placedAt, customer, "City "+w.warehouse()).Scan(&o.id)
	if err != nil {
		return err
	}
	products, quantities := make([]int64, 1+w.IntN(5)), make([]int32, 5)
	for i := range products {
		products[i], quantities[i] = w.id(w.shop.products), 1+w.Int32N(3)
	}
	err = exec(ctx, tx, `
		insert into public.order_lines (order_id, placed_at, line, product_id, quantity, unit_price)
		select $1, $2, i.line, p.id, i.quantity, p.price
		  from unnest($3::bigint[], $4::int[]) with ordinality as i (product, quantity, line)
		  join public.products as p on p.id = i.product`, o.id, o.placedAt, products, quantities[:len(products)])
	if err != nil {
		return err
	}
	// In the order chosen, not of the key: so there is a deadlock now and then.
	warehouse := w.warehouse()
	for i, product := range products {
		err := exec(ctx, tx, `
			update public.stock set quantity = quantity - $3
			 where warehouse = $1 and product_id = $2 and quantity >= $3`, warehouse, product, quantities[i])
		if err != nil {
			return err
		}
	}
	if w.IntN(3) > 0 {
		return nil
	}
	return exec(ctx, tx, `
		insert into billing.invoices (customer_id, order_id, amount)
		values ($1, $2, public.order_total($2))`, customer, o.id)
}

// changeStatus fires the trigger that audits it.
func (w *writer) changeStatus(ctx context.Context, tx pgx.Tx) error {
	o, ok, err := w.anOrder(ctx, tx)
	if err != nil || !ok {
		return err
	}
	return exec(ctx, tx, `
		update public.orders
		   set status = (enum_range(null::public.order_status))[1 + (array_position(enum_range(null::public.order_status), status)) % 5]
		 where id = $1 and placed_at = $2`, o.id, o.placedAt)
}

// moveOrder changes the partition key, often into another partition: a delete and an insert in the stream.
func (w *writer) moveOrder(ctx context.Context, tx pgx.Tx) error {
	o, ok, err := w.anOrder(ctx, tx)
	if err != nil || !ok {
		return err
	}
	to := w.when()
	err = exec(ctx, tx, "update public.orders set placed_at = $3 where id = $1 and placed_at = $2", o.id, o.placedAt, to)
	if err != nil {
		return err
	}
	return exec(ctx, tx, "update public.order_lines set placed_at = $3 where order_id = $1 and placed_at = $2", o.id, o.placedAt, to)
}

func (w *writer) deleteOrder(ctx context.Context, tx pgx.Tx) error {
	o, ok, err := w.anOrder(ctx, tx)
	if err != nil || !ok {
		return err
	}
	err = exec(ctx, tx, "delete from public.orders where id = $1 and placed_at = $2", o.id, o.placedAt)
	if err != nil {
		return err
	}
	return exec(ctx, tx, "delete from public.order_lines where order_id = $1 and placed_at = $2", o.id, o.placedAt)
}

// payInvoice inserts the payment before its invoice, which the deferred key allows.
func (w *writer) payInvoice(ctx context.Context, tx pgx.Tx) error {
	o, ok, err := w.anOrder(ctx, tx)
	if err != nil || !ok {
		return err
	}
	var number int64
	err = tx.QueryRow(ctx, `
		insert into billing.payments (invoice_number, method, amount, details)
		values (nextval('billing.invoice_numbers'), 'card', public.order_total($1), '{"last4": "4242"}')
		returning invoice_number`, o.id).Scan(&number)
	if err != nil {
		return err
	}
	// The order may have an invoice: then this is a unique violation, and the payment is void as well.
	return exec(ctx, tx, `
		insert into billing.invoices (number, customer_id, order_id, amount)
		select $3, customer_id, id, public.order_total(id) from public.orders where id = $1 and placed_at = $2`,
		o.id, o.placedAt, number)
}
