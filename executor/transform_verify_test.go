package executor_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner"
	"sluice/planner/catalog"
)

// A few rows that are written all the time, and read again for each change, put
// no comparison off for good.
func TestVerifyEndsOverRowsThatAreReadAgain(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	rule := where("n >= 0", value("v", "left(big, 8) || v"))
	rule.Table = catalog.Name{Schema: "public", Local: "hot"}
	l.spec.Tables = []planner.TableRule{rule}
	l.begin(t, `create table public.hot (id int primary key, n int, v text, big text); alter table public.hot alter big set storage external;
		insert into public.hot select i, i, 'v', repeat('a', 3000) from generate_series(1, 20) i`, nil)
	ctx, cancel := context.WithCancel(l.ctx)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			conn, err := pgx.Connect(l.ctx, l.source)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(l.ctx)
			tick := time.NewTicker(4 * time.Millisecond) // 1,000 a second together
			defer tick.Stop()
			for n := 0; ctx.Err() == nil; n++ {
				<-tick.C
				l.breathe(l.ctx, conn)
				big := ""
				if n%5 == 0 {
					big = fmt.Sprintf(", big = repeat(md5('%d'), 100)", n)
				}
				if _, err := conn.Exec(l.ctx, fmt.Sprintf("update public.hot set n = %d, v = 'v%d'%s where id = %d", n%7-1, n, big, 1+(n*7+w*5)%20)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		l.verified(l.ctx, t)
	}
	cancel()
	writers.Wait()
	l.settle()
	l.verified(l.ctx, t)
	sandbox.Exec(t, l.target, "update public.hot set v = v || '?' where id = (select min(id) from public.hot)")
	if differ := l.compared(l.ctx, t); len(differ["hot"]) != 1 {
		t.Errorf("a comparison finds %v", differ)
	}
	l.rest()
}
