package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
)

// A transaction that waits for a synchronous standby is streamed before anybody
// sees it: its rows are not read again before that.
func TestTransformsReadWhatIsVisible(t *testing.T) {
	t.Parallel()
	source, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Stop() })
	l := &live{move: newMove(t, 0, 0)}
	l.source = source.Database(t)
	l.spec = spec(l.source)
	rule := where("n > 0", value("v", "left(big, 4) || v"))
	rule.Table.Schema, rule.Table.Local = "public", "seen"
	l.spec.Tables = append(l.spec.Tables, rule)
	l.begin(t, `create table public.seen (id int primary key, n int, v text, big text); alter table public.seen alter big set storage external;
		insert into public.seen select i, i % 2, 'v', repeat('a', 3000) from generate_series(1, 9) i`, nil)

	standby := func(name string) {
		sandbox.Exec(t, l.source, "alter system set synchronous_standby_names = '"+name+"'")
		sandbox.Exec(t, l.source, "select pg_reload_conf()")
	}
	standby("nobody")
	written := make(chan struct{})
	go func() {
		defer close(written)
		l.beside(`
			begin;
			update public.seen set big = repeat('b', 3000) where id < 4;
			update public.seen set n = 1, v = 'w' where id < 6;
			insert into public.seen values (20, 0, 'x', repeat('c', 3000));
			update public.seen set n = 1 where id = 20;
			commit`)
	}()
	on := connect(t, l.source)
	until := func(query string) {
		for {
			var there bool
			if err := on.QueryRow(l.ctx, "select exists ("+query+")").Scan(&there); err != nil {
				t.Fatal(err)
			}
			if there {
				return
			}
		}
	}
	until("select from pg_stat_activity where wait_event = 'SyncRep'")
	until("select from pg_stat_activity where application_name = 'sluice values' and query like '%current%'")
	standby("")
	<-written
	l.settle()
	rows := "select id, n, %, md5(big) from public.seen where n > 0 order by 1"
	want := sandbox.Query(t, l.source, strings.Replace(rows, "%", "left(big, 4) || v", 1))
	if got := sandbox.Query(t, l.target, strings.Replace(rows, "%", "v", 1)); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%v, want %v", got, want)
	}
	l.verified(l.ctx, t)
	l.rest()
}
