package executor_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
)

// stressTables are read in ranges of keys, in ranges of ctid, and so without a key.
// The keys leave room for others between them.
const stressTables = `
	create table public.chunks (id bigint primary key, v int not null, filler text default repeat('f', 150));
	insert into public.chunks select i * 1000, 0 from generate_series(1, %[1]d) i;
	create table public.ranges (id numeric primary key, v int not null, filler text default repeat('f', 150));
	insert into public.ranges select i, 0 from generate_series(1, %[1]d) i;
	create table public.keyless (writer int, n int, part text, filler text default repeat('f', 150));
	alter table public.keyless replica identity full; create index on public.keyless (n);
	insert into public.keyless select -1, i, 'before' from generate_series(1, %[1]d) i;`

// Promise 21: thousands of transactions a second are written from before the slot
// until the changes flow, and each commit waits for a standby that is slow. Some have
// savepoints, some are prepared and committed later, or never; the tables are read
// under one snapshot, with a key and without, and in many ranges of keys. What each
// of them has written is on the target once.
//
// Each chunk waits for some of them, before it is copied and before it commits: so
// the machine's speed decides how long this takes, and not what it shows.
func TestTheHandOffIsExactUnderStress(t *testing.T) {
	t.Parallel()
	rows, perPoint, afterwards := 8000, 4, 50 // batches of transactions
	if *long {
		rows, perPoint, afterwards = 40_000, 20, 1000
	}
	source := ownServer(t, sandbox.Options{Major: resettable(t), Epoch: 3, Settings: map[string]string{"max_prepared_transactions": "100"}})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
	l.spec = spec(l.source)
	l.spec.LargeTable, l.chunkBytes = 1<<20, 96<<10
	// A second passes between two keepalives that want an answer.
	sandbox.Exec(t, l.source, "do $$ begin execute format('alter database %I set wal_sender_timeout = ''2s''', current_database()); end $$")
	sandbox.Exec(t, l.source, fmt.Sprintf(stressTables, rows))
	slowStandby(t, l.source)
	w := startWriters(t, l.source, rows)

	modes := map[string]planner.CopyMode{}
	var slotIsMade atomic.Bool
	l.begin(t, "", func(r *executor.Run) {
		for _, s := range r.Plan.Steps {
			if s.Action == planner.Copy {
				modes[s.Object.Name] = s.Copy.Mode
			}
		}
		go func() {
			for !slotIsMade.Load() && w.let(1) {
			}
		}()
		r.Point = func(point string) {
			switch point {
			case "slot: before its record":
				slotIsMade.Store(true)
			case "load: before a chunk is copied", "load: before a chunk commits":
				w.let(perPoint)
			}
		}
	})
	w.let(afterwards)
	w.finish()
	l.same()
	l.rest()

	if modes["chunks"] != planner.ChunkSnapshots || modes["ranges"] != planner.TableSnapshot || modes["keyless"] != planner.TableSnapshot {
		t.Errorf("the tables are read in the modes %v: the test shows too little", modes)
	}
	for table := range modes {
		if n := len(l.chunks(t, table)); n < 8 && table != "marks" {
			t.Errorf("%s was read in %d chunks: the test shows too little", table, n)
		}
	}
	const arrived = "select count(*) - count(distinct (writer, n, part)), count(distinct (writer, n)) from public.keyless where writer >= 0"
	if got, want := sandbox.Query(t, l.target, arrived)[0], fmt.Sprintf("0|%d", w.committed.Load()); got != want {
		t.Errorf("rows that are there twice, and transactions: %s; want %s", got, want)
	}
}

const (
	stressWriters = 24
	stressBatch   = 16 // transactions that a writer sends at once: the last but one has savepoints, the last one is prepared
	stressLight   = 8  // the first of them, of one row each
	stressOpen    = 2  // prepared transactions that a writer leaves open
)

// writers write to stressTables for as much as they are let.
type writers struct {
	t         *testing.T
	rows      int
	group     *errgroup.Group
	ctx       context.Context // ends with the first of them that fails
	work      chan struct{}   // a batch each
	began     time.Time
	committed atomic.Int64 // transactions
}

func startWriters(t *testing.T, url string, rows int) *writers {
	t.Helper()
	w := &writers{t: t, rows: rows, work: make(chan struct{}), began: time.Now()}
	w.group, w.ctx = errgroup.WithContext(t.Context())
	for writer := range stressWriters {
		conn := connect(t, url).PgConn()
		w.group.Go(func() error { return w.write(conn, writer) })
	}
	t.Cleanup(func() { _ = w.group.Wait() }) // before their connections go
	return w
}

// let returns when the writers have taken so many batches more; false: one has failed.
func (w *writers) let(batches int) bool {
	for range batches {
		select {
		case w.work <- struct{}{}:
		case <-w.ctx.Done():
			return false
		}
	}
	return true
}

// finish waits until everything is committed.
func (w *writers) finish() {
	w.t.Helper()
	close(w.work)
	if err := w.group.Wait(); err != nil {
		w.t.Fatalf("writing: %v", err)
	}
	took := time.Since(w.began)
	w.t.Logf("%d transactions in %s: %.0f a second", w.committed.Load(), took.Round(time.Millisecond), float64(w.committed.Load())/took.Seconds())
}

// write sends batches until there is no more work, and then ends what is prepared.
func (w *writers) write(conn *pgconn.PgConn, writer int) error {
	ended := 0 // batches whose prepared transaction is
	end := func(upTo int) error {
		for ; ended < upTo; ended++ {
			how := "commit"
			if ended%10 == 5 {
				how = "rollback"
			} else {
				w.committed.Add(1)
			}
			if _, err := conn.Exec(w.ctx, fmt.Sprintf("%s prepared '%d %d'", how, writer, ended)).ReadAll(); err != nil {
				return err
			}
		}
		return nil
	}
	for batch := 0; ; batch++ {
		select {
		case _, more := <-w.work:
			if !more {
				return end(batch)
			}
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
		if _, err := conn.Exec(w.ctx, w.batch(writer, batch)).ReadAll(); err != nil {
			return err
		}
		w.committed.Add(stressBatch - 1)
		if err := end(batch + 1 - stressOpen); err != nil {
			return err
		}
	}
}

// batch is the text of a batch. No two of them wait for each other's end for long: a
// prepared transaction has rows that nobody else changes.
func (w *writers) batch(writer, batch int) string {
	var text strings.Builder
	number := func(n int) int { return n*stressWriters + writer }
	// place is a key for the n-th row: all over the others, and no two the same.
	place := func(n int) int { return number(n)*7919%w.rows*1000 + 1 + number(n)/w.rows }
	for i := range stressBatch {
		n := batch*stressBatch + i
		earlier := n - 3*stressBatch // some chunks ago, or there was none
		write := func(part string) {
			fmt.Fprintf(&text, "insert into public.keyless values (%d, %d, '%s'); ", writer, n, part)
		}
		change := func() {
			fmt.Fprintf(&text, "update public.chunks set v = v + 1 where id = %d; update public.ranges set v = v + 1 where id = %d; ",
				2000*(1+number(n)*31%(w.rows/2)), 1+number(n)*17%w.rows)
		}
		text.WriteString("begin; ")
		switch {
		case i < stressLight:
			write("light")
		case i == stressBatch-1:
			write("prepared")
			fmt.Fprintf(&text, "delete from public.chunks where id = %d; update public.keyless set part = 'prepared' where n = %d and writer < 0; prepare transaction '%d %d'; ",
				2000*number(batch)+1000, number(batch)+1, writer, batch)
			continue
		case i == stressBatch-2:
			write("kept")
			text.WriteString("savepoint a; ")
			write("lost")
			fmt.Fprintf(&text, "delete from public.chunks where id = %d; rollback to a; savepoint b; ", place(n-1))
			write("within")
			fmt.Fprintf(&text, "update public.chunks set id = -id where id = %d; savepoint c; delete from public.chunks where id = %d; release b; ", place(earlier-1), place(earlier-2))
			change()
		default:
			write("plain")
			fmt.Fprintf(&text, "insert into public.chunks values (%d, %d); ", place(n), n)
			change()
		}
		text.WriteString("commit; ")
	}
	return text.String()
}

// slowStandby makes the commits of a server wait: its standby says at each tick what
// it had received at the last one. So for a while what is in the WAL is not visible.
func slowStandby(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	conn, err := pgconn.Connect(ctx, url+"&replication=true&application_name=slow")
	if err != nil {
		t.Fatal(err)
	}
	system, err := pglogrepl.IdentifySystem(ctx, conn)
	if err == nil {
		_, err = pglogrepl.CreateReplicationSlot(ctx, conn, "slow", "", pglogrepl.CreateReplicationSlotOptions{Temporary: true, Mode: pglogrepl.PhysicalReplication})
	}
	if err == nil {
		err = pglogrepl.StartReplication(ctx, conn, "slow", system.XLogPos, pglogrepl.StartReplicationOptions{Timeline: system.Timeline, Mode: pglogrepl.PhysicalReplication})
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := acknowledgeLate(ctx, conn, system.XLogPos); ctx.Err() == nil {
			t.Errorf("the standby: %v", err)
		}
	}()
	setStandby := func(name string) {
		sandbox.Exec(t, url, "alter system set synchronous_standby_names = '"+name+"'")
		sandbox.Exec(t, url, "select pg_reload_conf()")
		eventually(t, url, "show synchronous_standby_names", name)
	}
	setStandby("slow")
	t.Cleanup(func() { // in this order: nobody waits for a standby that is gone
		setStandby("")
		cancel()
		<-ended
		conn.Close(context.WithoutCancel(ctx))
	})
}

const standbyTick = 3 * time.Millisecond

// acknowledgeLate is the standby's side of physical replication, up to the end of ctx.
func acknowledgeLate(ctx context.Context, conn *pgconn.PgConn, received pglogrepl.LSN) error {
	late, next := received, time.Now()
	for {
		if !time.Now().Before(next) {
			if err := pglogrepl.SendStandbyStatusUpdate(ctx, conn, pglogrepl.StandbyStatusUpdate{WALWritePosition: late}); err != nil {
				return err
			}
			late, next = received, time.Now().Add(standbyTick)
		}
		tick, cancel := context.WithDeadline(ctx, next)
		message, err := conn.ReceiveMessage(tick)
		cancel()
		if err != nil {
			if pgconn.Timeout(err) && ctx.Err() == nil {
				continue
			}
			return err
		}
		data, ok := message.(*pgproto3.CopyData)
		if !ok || data.Data[0] != pglogrepl.XLogDataByteID {
			continue
		}
		wal, err := pglogrepl.ParseXLogData(data.Data[1:])
		if err != nil {
			return err
		}
		received = wal.WALStart + pglogrepl.LSN(len(wal.WALData))
	}
}
