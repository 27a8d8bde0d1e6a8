package shop

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// newCustomer takes an address that is sometimes in use: a unique violation.
func (w *writer) newCustomer(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		insert into public.customers (email, name, tags, referred_by)
		values ('New' || $1::int || '@example.com', 'New customer', array['new', null, '{'], $2)`,
		w.Int32N(20_000), w.id(w.shop.customers))
}

func (w *writer) changeCustomer(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		update public.customers
		   set preferences = preferences || jsonb_build_object('seen', $2::int),
		       tags = case when cardinality(tags) < 6 then tags || ('tag' || $2::int % 7) else '{}' end,
		       status = (enum_range(null::public.customer_status))[1 + $2::int % 3]
		 where id = $1`, w.id(w.shop.customers), w.Int32N(1000))
}

func (w *writer) upsertCart(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		insert into public.carts (id, customer_id, items)
		values (md5('cart ' || $1::int)::uuid, $2, jsonb_build_array(jsonb_build_object('product', $3::int)))
		on conflict (id) do update
		   set items = case when jsonb_array_length(public.carts.items) < 20 then public.carts.items || excluded.items else '[]' end,
		       updated_at = now()`, w.Int32N(3000), w.id(w.shop.customers), w.Int32N(1000))
}

// aCart is a condition on carts that is true of one row at most.
const aCart = "id = (select id from public.carts where id >= $1 order by id limit 1)"

// changeCartKey changes one key and, in the same transaction, gives an old key to a new row.
func (w *writer) changeCartKey(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "delete from public.carts where "+aCart+" returning id", w.uuid())
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := exec(ctx, tx, "insert into public.carts (id, customer_id) values ($1, $2)", id, w.id(w.shop.customers))
		if err != nil {
			return err
		}
	}
	return exec(ctx, tx, "update public.carts set id = $2 where "+aCart, w.uuid(), w.uuid())
}

func (w *writer) path() string { return "/product/" + []string{"1", "22", "333", "404"}[w.IntN(4)] }

// viewPages inserts up to three equal rows.
func (w *writer) viewPages(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, `
		insert into public.page_views (customer_id, path, agent)
		select null, $1, 'live' from generate_series(1, $2::int)`, w.path(), 1+w.IntN(3))
}

// aPageView is a condition on page_views that is true of one row at most, of equal ones as well.
const aPageView = "ctid = (select ctid from public.page_views where path = $1 limit 1 for update skip locked)"

func (w *writer) forgetPageView(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "delete from public.page_views where "+aPageView, w.path())
}

func (w *writer) changePageView(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "update public.page_views set agent = 'seen again' where "+aPageView, w.path())
}

// savepoints rolls one back and releases another: the stream has neither the first's rows nor a trace of it.
func (w *writer) savepoints(ctx context.Context, tx pgx.Tx) error {
	for _, end := range []func(pgx.Tx) error{
		func(inner pgx.Tx) error { return inner.Rollback(ctx) },
		func(inner pgx.Tx) error { return inner.Commit(ctx) },
	} {
		inner, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		for _, work := range []func(context.Context, pgx.Tx) error{w.viewPages, w.updateStock, w.updatePrice} {
			if err := work(ctx, inner); err != nil {
				return err
			}
		}
		if err := end(inner); err != nil {
			return err
		}
	}
	return nil
}

// abandon rolls a whole transaction back.
func (w *writer) abandon(ctx context.Context, tx pgx.Tx) error {
	if err := w.placeOrder(ctx, tx); err != nil {
		return err
	}
	return errAbandoned
}

// idle keeps a transaction open for some milliseconds in which it does nothing, with a row locked.
func (w *writer) idle(ctx context.Context, tx pgx.Tx) error {
	if err := w.changeCustomer(ctx, tx); err != nil {
		return err
	}
	pause(ctx, time.Duration(1+w.IntN(5))*time.Millisecond) // the next statement sees the end of ctx
	return w.viewPages(ctx, tx)
}

// restage empties a table and fills it again, which others never see empty.
func (w *writer) restage(ctx context.Context, tx pgx.Tx) error {
	if err := exec(ctx, tx, "truncate public.import_staging"); err != nil {
		return err
	}
	return exec(ctx, tx, `
		insert into public.import_staging (line, payload)
		select i, jsonb_build_object('line', i, 'batch', $1::int) from generate_series(1, 20) as i`, w.Int32())
}
