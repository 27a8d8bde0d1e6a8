package shop

import (
	"context"

	"github.com/jackc/pgx/v5"
)

func (w *writer) updateStock(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		update public.stock set quantity = greatest(0, quantity + $3)
		 where warehouse = $1 and product_id = $2`, w.warehouse(), w.id(w.shop.products), w.Int32N(100)-40)
}

// updatePrice fires two triggers: one changes the row, one writes another.
func (w *writer) updatePrice(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "update public.products set price = round(price * $2::numeric / 100, 2) + 0.01 where id = $1",
		w.id(w.shop.products), 90+w.Int32N(20))
}

func (w *writer) upsertStock(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		insert into public.stock (warehouse, product_id, quantity) values ($1, $2, $3)
		on conflict (warehouse, product_id) do update set quantity = public.stock.quantity + excluded.quantity`,
		[]string{"north", "west"}[w.IntN(2)], w.id(w.shop.products), w.Int32N(50))
}

// anImage is a condition on product_images that is true of one row at most, the one at or after $1 by its key.
const anImage = "id = (select id from public.product_images where id >= $1 order by id limit 1)"

// captionImage leaves the large column alone: the stream has no value for it.
func (w *writer) captionImage(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "update public.product_images set caption = 'Caption ' || $2::int where "+anImage,
		w.uuid(), w.Int32())
}

func (w *writer) replaceImage(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "update public.product_images set content = $2 where "+anImage,
		w.uuid(), w.bytes(100+w.IntN(12_000)))
}

// aCoupon is a condition on coupons that is true of one row at most.
const aCoupon = "code = (select code from public.coupons where priority >= $1 order by priority limit 1)"

// renameCoupon changes a primary key.
func (w *writer) renameCoupon(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "update public.coupons set code = 'NEW' || $2::int where "+aCoupon, w.id(200), w.Int32N(1_000_000))
}

// swapCoupons exchanges a unique value between two rows through a third value: applied row by row without that, or as
// one net change a row, it violates the constraint.
func (w *writer) swapCoupons(ctx context.Context, tx pgx.Tx) error {
	a, b, third := w.id(200), w.id(200), -1-w.Int32N(1_000_000)
	for _, step := range [][2]any{{a, third}, {b, a}, {third, b}} {
		err := exec(ctx, tx, "update public.coupons set priority = $2 where priority = $1", step[0], step[1])
		if err != nil {
			return err
		}
	}
	return nil
}

// bulk changes about a thousand rows.
func (w *writer) bulk(ctx context.Context, tx pgx.Tx) error {
	err := exec(ctx, tx, `
		insert into public.page_views (customer_id, path, agent)
		select i, '/sale/' || i % 20, 'bulk' from generate_series(1, 700) as i`)
	if err != nil {
		return err
	}
	err = exec(ctx, tx, "update public.page_views set agent = 'bulk, seen' where path = $1 and agent = 'bulk'", "/sale/7")
	if err != nil {
		return err
	}
	from := w.id(w.shop.orders)
	return exec(ctx, tx, `
		update public.order_lines set quantity = 1 + quantity % 9
		 where (order_id, placed_at) in (
		       select id, placed_at from public.orders where id between $1 and $1 + 100 order by id for update skip locked)`, from)
}
