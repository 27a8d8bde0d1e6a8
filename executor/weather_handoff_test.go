package executor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// waitingFor waits until the run says that it waits for something of that name.
func (l *live) waitingFor(name string) {
	l.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if p := l.progress.Load(); p != nil && strings.Contains(p.Snapshot().Waiting, name) {
			return
		}
		select {
		case <-l.ended:
			l.t.Fatalf("the run ended with %q, %v; want it to wait for %s", l.outcome, l.err, name)
		case <-l.ctx.Done():
			l.t.Fatalf("the run never waited for %s", name)
		case <-tick.C:
		}
	}
}

// Promise 21: what a prepared transaction has written arrives once, whether it was
// prepared before the slot or behind it, and committed before the load or after; of
// one that is rolled back nothing does.
func TestPreparedTransactionsAcrossTheStart(t *testing.T) {
	t.Parallel()
	source := ownServer(t, sandbox.Options{}) // the slot waits for all transactions of a server
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}, t: t, ctx: t.Context()}
	l.spec = spec(l.source)
	prepare := func(gid string, n int) {
		l.beside(fmt.Sprintf("begin; insert into public.plain values (%d); insert into public.keyed values (%d, 0); update public.keyed set v = v + 1 where id = %d; prepare transaction '%s'", n, n, -n, gid))
	}
	sandbox.Exec(t, l.source, marksTable+counted+"insert into public.keyed select -i, 0 from generate_series(1, 9) i")
	prepare("before, committed", 1)
	prepare("before, rolled back", 2)
	var loading sync.Once
	l.start(func(r *executor.Run) {
		r.Point = func(point string) {
			if point == "slot: before its record" {
				prepare("behind, committed in the load", 3)
				prepare("behind, rolled back", 4)
				prepare("behind, committed at the end", 5)
			}
			if point == "load: after a chunk has committed" {
				loading.Do(func() { l.beside("commit prepared 'behind, committed in the load'") })
			}
		}
	})
	l.waitingFor("prepared transaction 'before, committed'")
	l.do("commit prepared 'before, committed'")
	l.do("rollback prepared 'before, rolled back'")
	l.wait("select from sluice.migration where phase = 'following'")
	l.do("rollback prepared 'behind, rolled back'")
	l.do("commit prepared 'behind, committed at the end'")
	l.same()
	if rows := sandbox.Query(t, l.target, "select string_agg(v::text, ' ' order by v) from public.plain"); rows[0] != "1 3 5" {
		t.Errorf("on the target are the rows of %s", rows[0])
	}
	l.rest()
}

// Promise 21: commits that wait for a standby have written their WAL and are not
// visible yet, so that the slot and a snapshot may see them otherwise. They wait
// while the slot is made, and again while the tables are read.
func TestASlowStandbyOfTheSource(t *testing.T) {
	t.Parallel()
	w := newWeather(t)
	standby := func(name string) {
		sandbox.Exec(t, w.source, "alter system set synchronous_standby_names = '"+name+"'")
		sandbox.Exec(t, w.source, "select pg_reload_conf()")
	}
	const held = "select count(*) >= 5 from pg_stat_activity where wait_event = 'SyncRep' and application_name not like 'sluice%'"
	var stops []func()
	var slow sync.WaitGroup
	var n atomic.Int64
	points := map[string]*atomic.Int64{"slot: after its intent": {}, "slot: before the barrier": {}, "slot: before its record": {}, "load: before a chunk is copied": {}, "load: before a chunk commits": {}}
	points["load: before a chunk commits"].Store(9)
	var one sync.Mutex // held while commits wait
	w.begin(t, many, func(r *executor.Run) {
		for range 6 {
			stops = append(stops, w.inserting(&n))
		}
		r.Point = func(point string) {
			if left := points[point]; left == nil || left.Add(-1) != -1 {
				return
			}
			one.Lock()
			standby("nobody")
			eventually(t, w.source, held, "t")
			slow.Go(func() {
				defer one.Unlock()
				// Ours waits with them, or for them.
				eventually(t, w.source, "select count(*) > 0 from pg_stat_activity where application_name like 'sluice%' and (wait_event = 'SyncRep' or state <> 'idle')", "t")
				standby("")
			})
		}
	})
	slow.Wait()
	for _, stop := range stops {
		stop()
	}
	for point, left := range points {
		if left.Load() >= 0 {
			t.Errorf("no commit waited at %q", point)
		}
	}
	w.same()
	if rows := sandbox.Query(t, w.target, "select count(*) = count(distinct v) and count(*) > 100 from public.plain"); rows[0] != "t" {
		t.Errorf("rows are there twice, or there are none")
	}
	w.rest()
}

// Promise 21: a transaction that began while the slot was on its way there, and that
// waits for a standby with its commit written, is none that the slot sends, and is not
// visible. Nothing is read before it is.
func TestACommitThatTheSlotDoesNotSend(t *testing.T) {
	t.Parallel()
	source := ownServer(t, sandbox.Options{})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}, t: t, ctx: t.Context()}
	l.spec = spec(l.source)
	sandbox.Exec(t, l.source, marksTable+counted)
	first := openTransaction(t, l.source)
	l.start(nil)
	first.isWaitedFor()
	sandbox.Exec(t, l.source, "alter system set synchronous_standby_names = 'nobody'")
	sandbox.Exec(t, l.source, "select pg_reload_conf()")
	second := openTransaction(t, l.source)
	first.end()
	second.isWaitedFor() // so who begins from here on may be sent, if it commits late enough
	var slow sync.WaitGroup
	slow.Go(func() {
		l.beside("insert into public.plain values (1); insert into public.keyed values (1, 1)")
	})
	eventually(t, l.source, "select count(*) from pg_stat_activity where wait_event = 'SyncRep'", "1")
	second.end()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(l.progress.Load().Snapshot().Waiting, "insert into public.plain") {
		select {
		case <-l.ended:
			t.Fatalf("the run ended with %q: %v", l.outcome, l.err)
		case <-tick.C:
		}
		// What was read goes to the target behind the WAL that it came from.
		if sandbox.Query(t, l.source, "select count(*) from pg_stat_activity where application_name = 'sluice flush'")[0] != "0" {
			t.Error("rows were read, and these are not among them")
			break
		}
	}
	sandbox.Exec(t, l.source, "alter system reset synchronous_standby_names")
	sandbox.Exec(t, l.source, "select pg_reload_conf()")
	slow.Wait()
	l.wait("select from sluice.migration where phase = 'following'")
	l.same()
	l.rest()
}

// transaction is one that is open and has an id.
type transaction struct {
	t    *testing.T
	url  string
	conn *pgx.Conn
	xid  uint32
}

func openTransaction(t *testing.T, url string) *transaction {
	t.Helper()
	x := &transaction{t: t, url: url, conn: connect(t, url)}
	if _, err := x.conn.Exec(t.Context(), "begin"); err != nil {
		t.Fatal(err)
	}
	if err := x.conn.QueryRow(t.Context(), "select txid_current() % 4294967296").Scan(&x.xid); err != nil {
		t.Fatal(err)
	}
	return x
}

// isWaitedFor returns once somebody waits for its end.
func (x *transaction) isWaitedFor() {
	x.t.Helper()
	eventually(x.t, x.url, fmt.Sprintf("select count(*) > 0 from pg_locks where transactionid = '%d' and not granted", x.xid), "t")
}

func (x *transaction) end() {
	x.t.Helper()
	if _, err := x.conn.Exec(x.t.Context(), "rollback"); err != nil {
		x.t.Fatal(err)
	}
}

// inserting commits rows of numbers that nobody else has, one after another.
func (l *live) inserting(n *atomic.Int64) (stop func()) {
	return l.repeat(func(int) string {
		i := n.Add(1)
		return fmt.Sprintf("insert into public.plain values (%d); insert into public.keyed values (%d, %d)", i, i, i)
	})
}

// Promise 21: on a server whose ids of transactions have gone round, the stream
// sends 32 bits of them and the snapshots have 64.
func TestAnEpochOfTransactionsAboveZero(t *testing.T) {
	t.Parallel()
	source := ownServer(t, sandbox.Options{Major: resettable(t), Epoch: 7})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
	l.spec = spec(l.source)
	l.spec.LargeTable, l.chunkBytes = 1<<20, 128<<10
	var stops []func()
	var n atomic.Int64
	l.begin(t, many, func(*executor.Run) {
		for range 3 {
			stops = append(stops, l.inserting(&n))
		}
		stops = append(stops, l.repeat(func(n int) string {
			return fmt.Sprintf("update public.keys set v = 'n' || %[1]d where id %% 97 = %[1]d %% 97; update public.ctids set v = 'n' || %[1]d where id %% 97 = %[1]d %% 97; delete from public.keyless where ctid = (select min(ctid) from public.keyless)", n)
		}))
	})
	for _, stop := range stops {
		stop()
	}
	if x := sandbox.Query(t, l.source, "select txid_current() >> 32"); x[0] != "7" {
		t.Fatalf("the epoch is %s", x[0])
	}
	l.same()
	l.rest()
}

// resettable is a major that is installed with pg_resetwal: those that are fetched
// come without it.
func resettable(t *testing.T) int {
	for _, in := range sandbox.Installed() {
		if _, err := os.Stat(filepath.Join(in.Bin, "pg_resetwal")); err == nil {
			return in.Major
		}
	}
	t.Skip("no PostgreSQL is installed that has pg_resetwal")
	return 0
}

// A statement of ours that somebody cancels, or whose session he ends, in the middle
// of a chunk costs that chunk's time alone.
func TestACopyThatIsCutOffInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"source", "target"} {
		for _, how := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
			t.Run(how+" on the "+side, func(t *testing.T) {
				t.Parallel()
				l := &live{move: newMove(t, 0, 0), t: t, ctx: t.Context()}
				// Larger than what lies between two servers, so that both are at it together.
				l.spec.LargeTable, l.chunkBytes = 8<<20, 8<<20
				sandbox.Exec(t, l.source, marksTable+`
					create table public.ctids (id numeric primary key, v text); insert into public.ctids select i, repeat('v', 500) from generate_series(1, 60000) i;
					create table public.keys (id int primary key, v text); insert into public.keys select i, repeat('v', 500) from generate_series(1, 60000) i;`)
				url := map[string]string{"source": l.source, "target": l.target}[side]
				l.start(func(r *executor.Run) { r.Settings.Workers, r.Settings.Load.Bytes = 2, 12<<20 })
				l.wait("select from (select from sluice.chunk where table_name <> 'marks' group by table_name) c having count(*) = 2")
				eventually(t, url, "select count(*) > 0 from (select "+how+"(pid) from pg_stat_activity where datname = current_database() and application_name = 'sluice copy' and state = 'active' and query like 'copy %' limit 1) x", "t")
				before := map[string][]string{"keys": l.chunks(t, "keys"), "ctids": l.chunks(t, "ctids")}
				l.wait("select from sluice.migration where phase = 'following'")
				l.same()
				l.notCopiedAgain(before)
				l.rest()
			})
		}
	}
}

// A snapshot that is lost in the middle of its table costs what was copied of it: the
// table begins anew, says why, and no row is there twice.
func TestALostSnapshotBeginsItsTableAnew(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*weather){
		"its session ends": func(w *weather) {
			terminate(w.t, w.source, "application_name = 'sluice snapshot'")
			eventually(w.t, w.source, "select count(*) from pg_stat_activity where application_name = 'sluice snapshot'", "0")
		},
		"both servers crash": func(w *weather) { w.crash(w.sourceServer, w.targetServer) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWeather(t)
			var one sync.Mutex // guards what follows; a server that crashes is up again when it is free
			lost := map[string][]string{"ctids": nil, "keyless": nil}
			n := 0
			w.begin(t, many, func(r *executor.Run) {
				r.Point = func(point string) {
					if point != "load: before a chunk is copied" {
						return
					}
					one.Lock()
					defer one.Unlock()
					n++
					w.beside(fmt.Sprintf(`
						update public.ctids set v = v || %[1]d where id %% 97 = %[1]d %% 97; insert into public.ctids values (-%[1]d, 'new'); delete from public.ctids where id = 1000 + %[1]d;
						delete from public.keyless where ctid = (select max(ctid) from public.keyless); insert into public.keyless values ('new'), ('new')`, n))
					for table, chunks := range lost {
						if chunks == nil && sandbox.Query(t, w.target, "select count(*) >= 3 from sluice.chunk where table_name = $1", table)[0] == "t" {
							lost[table] = w.chunks(t, table)
							lose(w)
						}
					}
				}
			})
			w.same()
			notices, _ := w.progress.Load().Notices(0)
			for table, before := range lost {
				why := "public." + table + " is copied again from its start: the session that held the snapshot it was read under has ended"
				if !slices.Contains(notices, why) { // twice where the other table was lost meanwhile
					t.Errorf("it is not said that %s", why)
				}
				for _, chunk := range w.chunks(t, table) {
					if slices.Contains(before, chunk) {
						t.Errorf("of %s chunk %s is of the snapshot that was lost", table, chunk)
					}
				}
			}
			w.rest()
		})
	}
}
