package shop

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// kind is one sort of transaction: what it is called in Stats.Commits, how often it comes, and what it does between
// begin and commit.
type kind struct {
	name   string
	weight int // of the sum of all
	work   func(*writer, context.Context, pgx.Tx) error
}

// kinds are chosen for what is hard to replay: changed keys, rows that change partition, swapped unique values,
// unchanged TOAST, equal rows without a key, truncation, savepoints, large and slow transactions.
var kinds = []kind{
	{"place order", 200, (*writer).placeOrder},
	{"change status", 100, (*writer).changeStatus},
	{"move order", 40, (*writer).moveOrder},
	{"delete order", 40, (*writer).deleteOrder},
	{"pay invoice", 40, (*writer).payInvoice},
	{"update stock", 100, (*writer).updateStock},
	{"update price", 80, (*writer).updatePrice},
	{"upsert stock", 40, (*writer).upsertStock},
	{"caption image", 40, (*writer).captionImage},
	{"replace image", 10, (*writer).replaceImage},
	{"new customer", 30, (*writer).newCustomer},
	{"change customer", 40, (*writer).changeCustomer},
	{"upsert cart", 50, (*writer).upsertCart},
	{"change cart key", 20, (*writer).changeCartKey},
	{"rename coupon", 20, (*writer).renameCoupon},
	{"swap coupons", 20, (*writer).swapCoupons},
	{"view pages", 120, (*writer).viewPages},
	{"forget page view", 30, (*writer).forgetPageView},
	{"change page view", 30, (*writer).changePageView},
	{"savepoints", 40, (*writer).savepoints},
	{"abandon", 20, (*writer).abandon},
	{"idle", 30, (*writer).idle},
	{"restage", 10, (*writer).restage},
	{"bulk", 4, (*writer).bulk},
}

// choose picks a kind by weight.
func (w *writer) choose() kind {
	sum := 0
	for _, k := range kinds {
		sum += k.weight
	}
	at := w.IntN(sum)
	for _, k := range kinds {
		if at -= k.weight; at < 0 {
			return k
		}
	}
	panic("a number below the sum of the weights is within one of them")
}

// id chooses one of 1 … highest.
func (w *writer) id(highest int64) int64 { return 1 + w.Int64N(highest) }

// when chooses a minute of the two and a half years that the partitions are about.
func (w *writer) when() time.Time {
	return time.Date(2024, 1, 1, 0, w.IntN(1_314_000), 0, 0, time.UTC)
}

func (w *writer) warehouse() string { return []string{"north", "south", "east"}[w.IntN(3)] }

// bytes are n incompressible ones.
func (w *writer) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.Uint32())
	}
	return b
}

// uuid is one that no other has, with high probability.
func (w *writer) uuid() (u [16]byte) {
	copy(u[:], w.bytes(len(u)))
	return u
}

// exec runs a statement whose count of rows does not matter: another writer may have taken the row.
func exec(ctx context.Context, tx pgx.Tx, sql string, args ...any) error {
	_, err := tx.Exec(ctx, sql, args...)
	return err
}
