package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// onOwnServers is newEarly for servers that concern no other test.
func onOwnServers(t *testing.T, script string) (l *anticipating, source, target *sandbox.Server) {
	t.Helper()
	needsTheSlot(t)
	settings := map[string]string{"logical_decoding_work_mem": "64kB", "max_prepared_transactions": "10"}
	source, target = ownServer(t, sandbox.Options{Settings: settings}), ownServer(t, sandbox.Options{})
	l = &anticipating{live: &live{move: &move{source: source.Database(t), target: target.Database(t)}}}
	l.spec = spec(l.source)
	l.begin(t, script, l.logged)
	return l, source, target
}

// A prepared transaction outlasts its session, and restarts of both servers. It is
// committed on the target when it is on the source, and not prepared there.
func TestChangesInProgressThatArePrepared(t *testing.T) {
	t.Parallel()
	l, source, target := onOwnServers(t, threeTables)
	for i, name := range []string{"kept", "lost"} {
		do := l.opened()
		do(fmt.Sprintf("begin; savepoint a; update public.t set v = '%s' where id between %d and %d; ", name, 40*i+1, 40*i+40) + much(1000+2000*i) + "prepare transaction '" + name + "'")
	}
	l.inProgress(2, 1000)
	for _, server := range []*sandbox.Server{source, target} {
		for _, mode := range []sandbox.Mode{sandbox.Immediate, sandbox.Fast} {
			if err := server.Restart(l.ctx, mode); err != nil {
				t.Fatal(err)
			}
			l.settle() // what was sent of them comes again, at the latest with the commit
		}
	}
	if rows := sandbox.Query(t, l.target, "select (select count(*) from public.t), (select count(*) from pg_prepared_xacts)"); rows[0] != "100|0" {
		t.Errorf("rows and prepared transactions on the target: %s", rows[0])
	}
	l.do("rollback prepared 'lost'")
	l.do("commit prepared 'kept'")
	l.do("update public.t set v = 'later' where id in (1, 41, 1001)")
	l.sameEarly()
	l.inProgress(0, 0)
}

// What was open on a source that crashes is gone, and what was sent of it, too.
func TestChangesInProgressEndWithTheSource(t *testing.T) {
	t.Parallel()
	l, source, _ := onOwnServers(t, threeTables)
	l.begun("update public.t set v = 'lost'; " + much(1000))
	if err := source.Restart(l.ctx, sandbox.Immediate); err != nil {
		t.Fatal(err)
	}
	l.do("update public.t set v = 'after' where id < 50; " + much(1000))
	l.sameEarly()
	l.inProgress(0, 0)
}

// A comparison waits for what is in progress on the source, as it does for any
// transaction there, and the changes go on meanwhile. Behind it none is lost.
func TestChangesInProgressAcrossAVerify(t *testing.T) {
	t.Parallel()
	l, _, _ := onOwnServers(t, threeTables)
	do := l.begun("update public.t set v = 'early' where id < 50; " + much(1000))
	verified := make(chan struct{})
	go func() {
		defer close(verified)
		l.verified(l.ctx, t)
	}()
	l.wait("select from sluice.request where kind = 'verify'")
	do(much(3000))
	l.inProgress(1, 3000)
	l.settle()
	select {
	case <-verified:
		t.Error("the comparison has not waited for a transaction that is open")
	default:
	}
	do("commit")
	<-verified
	// Those that run while it takes its snapshots begin anew.
	stop := l.repeat(func(n int) string {
		return fmt.Sprintf("begin; delete from public.t where id >= 10000; update public.t set v = 'round %d' where id < 50; %s savepoint a; %s rollback to a; commit", n, much(10000), much(20000))
	})
	for range 4 {
		l.verified(l.ctx, t)
	}
	stop()
	l.sameEarly()
	l.inProgress(0, 0)
}

// The gate of a cutover is closed while a transaction is open for long, and looking
// takes nothing of it back; a short one ends with the fence.
func TestChangesInProgressAcrossACutover(t *testing.T) {
	t.Parallel()
	l, _, _ := onOwnServers(t, threeTables)
	l.rest()
	l.follow(func(r *executor.Run) { l.logged(r); r.Cutover.MaxWritePause = 3 * time.Second })
	l.verified(l.ctx, t)
	do := l.begun("update public.t set v = 'early' where id < 50; " + much(1000))
	open := sandbox.Query(t, l.target, writersOpen)
	// Its age is what the gate looks at.
	conn := connect(t, l.source)
	for old := false; !old; {
		if err := conn.QueryRow(l.ctx, "select bool_or(clock_timestamp() - xact_start > '3.2 s') from pg_stat_activity where backend_xid is not null and datname = current_database()").Scan(&old); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.cutOver(l.ctx, t); err == nil || !strings.Contains(err.Error(), "transactions are open") {
		t.Fatalf("the cutover ends with %v", err)
	}
	if still := sandbox.Query(t, l.target, writersOpen); !slices.Equal(open, still) || len(open) != 1 {
		t.Errorf("in progress were %v, and are %v", open, still)
	}
	do("commit")
	l.settle()
	l.begun("update public.t set v = 'lost' where id < 50; " + much(7000))
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.outcome != executor.CutOver || l.err != nil {
		t.Errorf("the run ended with %q, %v", l.outcome, l.err)
	}
	l.equal(t)
}

// The source's session is ended again and again while large transactions are in
// progress, some of which are rolled back, in part or whole, and small ones come
// between: each row is on the target once.
func TestChangesInProgressSurviveEndedWalsenders(t *testing.T) {
	t.Parallel()
	l, _, _ := onOwnServers(t, threeTables)
	times := 12
	if *long {
		times = 100
	}
	stop := l.interleaved()
	held := l.opened()
	ends := []string{"commit", "rollback", "rollback to a; commit", "release a; commit"}
	for i := range times {
		from := 500_000 + i*10_000
		if i%3 == 0 {
			held(fmt.Sprintf("begin; insert into public.plain values ('held %d'); %s savepoint a", i, much(from)))
		} else {
			held(fmt.Sprintf("insert into public.plain values ('held %d'); %s", i, much(from)))
		}
		l.someInProgress()
		for terminate(t, l.source, "backend_type = 'walsender'") == 0 { // it is on its way back
			l.wait("select")
		}
		if i%3 == 2 { // the session ends while this comes
			held(ends[i/3%len(ends)])
		}
		if i%2 == 0 {
			l.settle()
		}
	}
	stop()
	l.sameEarly()
	l.inProgress(0, 0)
	const twice = "select count(*) - count(distinct v) from public.plain where v <> 'first'"
	if n := sandbox.Query(t, l.target, twice)[0]; n != "0" {
		t.Errorf("%s rows without a key are there twice", n)
	}
}

// someInProgress waits until the target has a part of a transaction.
func (l *anticipating) someInProgress() {
	l.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if s := l.progress.Load().Snapshot().Stream; s != nil && s.InProgress != nil && s.InProgress.Changes > 0 {
			return
		}
		if why := l.whole(); why != "" {
			l.t.Fatalf("nothing comes early: %s", why)
		}
		select {
		case <-l.ended:
			l.t.Fatalf("the run ended with %q: %v", l.outcome, l.err)
		case <-l.ctx.Done():
			l.t.Fatal("nothing was ever in progress")
		case <-tick.C:
		}
	}
}

// interleaved has two sessions write large transactions, one after another, and a third
// one small ones.
func (l *anticipating) interleaved() (stop func()) {
	large := func(first int, end string) func() {
		return l.repeat(func(n int) string {
			return fmt.Sprintf(`begin; insert into public.plain values ('%[1]d, %[2]d'); delete from public.t where id between %[1]d and %[1]d + 50000; %[3]s
				savepoint a; update public.t set v = v || '.', u = -u where id between %[1]d and %[1]d + 999; delete from public.plain where v = '%[1]d, %[4]d'; %[5]s %[6]s`,
				first, n, much(first), n-1, much(first+10_000), end)
		})
	}
	stops := []func(){
		large(100_000, "rollback to a; update public.toasted set n = n + 1 where id = 1; commit"),
		large(200_000, "release a; update public.toasted set id = -id where id in (2, -2); commit"),
		l.repeat(func(n int) string {
			return fmt.Sprintf("insert into public.plain values ('small %d'); delete from public.plain where v = 'small %d'; update public.t set v = 'small %d' where id = %d", n, n-7, n, 1+n%100)
		}),
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// A process that is killed within a block, behind one, or about the commit leaves
// nothing that the next one does not put right.
func TestChangesInProgressSurviveKills(t *testing.T) {
	t.Parallel()
	l, _, _ := onOwnServers(t, threeTables)
	l.rest()
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	ended, conn := make(chan struct{}), connect(t, l.source)
	go func() {
		defer close(ended)
		for n := 0; ctx.Err() == nil; n++ {
			l.breathe(ctx, conn)
			end := []string{"commit", "rollback", "rollback to a; commit"}[n%3]
			l.beside(fmt.Sprintf("begin; insert into public.plain values ('%d'); delete from public.t where id >= 1000; %s update public.t set v = v || '.', u = -u; savepoint a; %s delete from public.plain where v = '%d'; update public.toasted set n = n + 1; %s",
				n, much(1000), much(10000), n-1, end))
			l.beside("update public.t set v = left(v, 10) where id < 20; update public.toasted set id = -id")
		}
	}()
	for i, point := range []string{
		"replay: behind a block#0", "replay: behind a block#7",
		"replay: by the set, of one in progress#2", "replay: by the set, of one in progress#9",
		"replay: before a commit, of one in progress#0", "replay: before a commit, of one in progress#1",
		"replay: after a commit, before it is acknowledged, of one in progress#0", "replay: after a commit, before it is acknowledged, of one in progress#1",
	} {
		if !l.dies(l.ctx, t, l.move.start(t, point, "")) {
			t.Errorf("%d: it never came to %s", i, point)
		}
	}
	cancel()
	<-ended
	l.follow(l.logged)
	l.sameEarly()
}
