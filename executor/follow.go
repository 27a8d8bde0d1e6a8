package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/executor/handoff"
	"sluice/executor/replay"
	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// follower reads a slot, or the spool behind it, and applies what it says. Between
// two calls of to it holds: nothing is applied, the source is kept informed.
type follower struct {
	run     *run
	joining *planner.Step // whose tables it follows until they join; nil: those that have
	feed    feed
	applier *replay.Applier
}

// feed is where changes come from, for as long as it is open.
type feed interface {
	replay.Feed
	Close() error
}

// slot is the name of the slot, and of its publication.
func (f *follower) slot() string {
	if f.joining != nil {
		return f.joining.Object.Name
	}
	return f.run.Plan.Slot
}

// to applies everything that was committed before limit, as Applier.To does,
// over as many connections as it takes.
func (f *follower) to(ctx context.Context, limit pglogrepl.LSN, stop <-chan struct{}) error {
	return f.run.retrying(ctx, func(ctx context.Context) (progressed bool, err error) {
		if err := f.open(ctx); err != nil {
			f.close(ctx)
			return false, err
		}
		before := f.applier.Position().LSN
		err = f.applier.To(ctx, f.feed, limit, stop)
		progressed = f.applier.Position().LSN > before
		if truncated := new(replay.TruncatedError); errors.As(err, &truncated) {
			return false, errors.Join(err, f.before(ctx, truncated.LSN, stop))
		}
		if err != nil && !errors.Is(err, replay.ErrStopped) {
			f.close(ctx)
		}
		if errors.Is(err, replay.ErrStopped) {
			err = ErrStopped
		}
		return progressed, err
	})
}

// before applies what was committed before a truncation that stops the run: once a
// person has deleted the rows, changes from before would look for them.
func (f *follower) before(ctx context.Context, truncation pglogrepl.LSN, stop <-chan struct{}) error {
	f.close(ctx)
	err := f.open(ctx)
	if err == nil {
		err = f.applier.To(ctx, f.feed, truncation, stop)
	}
	f.close(ctx)
	if errors.Is(err, replay.ErrStopped) {
		return nil
	}
	return err
}

// open begins at the position that the state has: what was committed after it
// on the source is sent again, and nothing else.
func (f *follower) open(ctx context.Context) error {
	if f.applier != nil {
		return nil
	}
	st, err := f.run.Store.State(ctx)
	if err != nil {
		return err
	}
	o := replay.Options{
		Source: f.run.Source, Target: f.run.Target, Ledger: f.run.Store,
		OldSource: f.run.Plan.OldSource(), Origin: f.run.Plan.Origin, Position: f.position, Columns: f.columns,
		Progress: f.run.Progress, Flow: f.run.brakes.changes, Point: f.run.Point,
	}
	if f.joining != nil {
		f.apart(&o)
		o.Partial = true
		o.Tables, err = f.run.onTheirWay(ctx, f.joining, st)
	} else {
		o.Ignored = f.run.ignored(st)
		o.Partial = len(o.Ignored) > 0
		o.Tables, err = f.run.followed(ctx, st)
	}
	if err != nil {
		return err
	}
	if f.applier, err = replay.Open(ctx, o); err != nil {
		return err
	}
	f.run.asks.Resize(ctx, 1) // each table is asked about when it is announced
	return f.read(ctx, pglogrepl.LSN(f.applier.Position().LSN))
}

// read reads what was committed after a position.
func (f *follower) read(ctx context.Context, position pglogrepl.LSN) error {
	if s := f.run.spooling.Load(); s != nil && f.joining == nil {
		from, err := s.spool.Read(position)
		if err != nil {
			return fmt.Errorf("%w; %s", err, spoolWayOut)
		}
		f.feed = from
		return nil
	}
	wayOut := "remove the migration with sluice cleanup and load again"
	if f.joining != nil {
		wayOut = "exclude the tables that join through it, run sluice apply, and take them in again"
	}
	if err := f.run.usable(ctx, f.slot(), position, "what was applied", wayOut); err != nil {
		return err
	}
	from, err := stream.Open(ctx, f.run.Source, stream.Options{Slot: f.slot(), Publication: f.slot(), Start: position})
	if err != nil {
		return err
	}
	f.feed = from
	return nil
}

func (f *follower) position(ctx context.Context) (state.Position, error) {
	st, err := f.run.Store.State(ctx)
	return st.Position, err
}

// columns asks the source about an announced table's columns.
func (f *follower) columns(ctx context.Context, def stream.RelationDef) (columns []replay.Column, err error) {
	names, oids, typmods := make([]string, len(def.Columns)), make([]uint32, len(def.Columns)), make([]int32, len(def.Columns))
	for i, c := range def.Columns {
		names[i], oids[i], typmods[i] = c.Name, c.TypeOID, c.Typmod
	}
	err = f.run.asks.With(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, columnsSQL, def.ID, names, oids, typmods)
		if err != nil {
			return err
		}
		columns, err = pgx.CollectRows(rows, pgx.RowToStructByPos[replay.Column])
		return err
	})
	return columns, err
}

// columnsSQL: types by what the stream announced, numbers by name as they are now.
const columnsSQL = `
select pg_catalog.format_type(c.type, c.typmod), coalesce(a.attnum, 0)
from rows from (unnest($2::text[]), unnest($3::oid[]), unnest($4::int[])) with ordinality as c (name, type, typmod, n)
left join pg_catalog.pg_attribute a on a.attrelid = $1::oid and a.attname = c.name and not a.attisdropped
order by c.n`

// usable checks that a slot can still give everything from a position on, which is
// that of what; else there is a way out. What is acknowledged was recorded before, or
// is in the spool, so a slot that stands behind the position was made anew or moved
// by somebody else.
func (x *run) usable(ctx context.Context, name string, position pglogrepl.LSN, what, wayOut string) error {
	ref := x.Source.Ref
	wayOut = "changes are missing, and sluice stops rather than leave a hole; " + wayOut
	return x.onSourceConn(ctx, func(conn *pgx.Conn) error {
		s, err := slot.Find(ctx, conn, name)
		switch {
		case err != nil:
			return err
		case s == nil:
			return fmt.Errorf("slot %s is gone from %s: %s", name, ref, wayOut)
		case s.Status == "lost":
			return fmt.Errorf("slot %s was invalidated by %s (max_slot_wal_keep_size): %s", name, ref, wayOut)
		case s.Confirmed > position:
			return fmt.Errorf("slot %s of %s stands at %s, after %s (%s): %s", name, ref, s.Confirmed, what, position, wayOut)
		}
		end, err := slot.SourceLSN(ctx, conn)
		if err == nil && end < position {
			err = fmt.Errorf("the WAL of %s ends at %s, before %s (%s): it is another server, or was restored; %s", ref, end, what, position, wayOut)
		}
		return err
	})
}

// close ends the connections; what is not committed is rolled back. The next ones may
// be to another server.
func (f *follower) close(ctx context.Context) {
	f.run.asks.Resize(ctx, 0)
	if f.feed != nil {
		if err := f.feed.Close(); err != nil {
			f.run.Log.Debug("the stream has ended", "error", err)
		}
	}
	if f.applier != nil {
		f.applier.Close(ctx)
	}
	f.feed, f.applier = nil, nil
}

// followed makes the tables that the changes go to, with what the load has read
// of each. Past the marker of the converge step nothing that comes was read:
// then there is nothing to look up, and no snapshot grows old. That holds for a
// table that has joined since, too.
func (x *run) followed(ctx context.Context, st state.State) (tables []*replay.Table, err error) {
	converged, chunks := x.converged(st), byTable(st.Chunks)
	for _, f := range st.Followed {
		step := x.rows[catalog.ID{Kind: catalog.KindTable, Schema: f.Schema, Name: f.Table}]
		if f.Left || step == nil {
			continue
		}
		t := &replay.Table{Name: step.Object.Qualified(), Copy: step.Copy}
		if !converged {
			if t.Loaded, err = handedOff(step, chunks[t.Name]); err != nil {
				return nil, fmt.Errorf("following %s: %w", t.Name, err)
			}
		}
		tables = append(tables, t)
	}
	if converged {
		return tables, nil
	}
	return tables, x.comparable(ctx, tables, st.Chunks)
}

// converged says that the tables of the publication's beginning equal a state of
// the source, or did.
func (x *run) converged(st state.State) bool {
	return slices.ContainsFunc(x.Plan.Steps, func(s planner.Step) bool {
		return s.Action == planner.Converge && st.Done(s.ID)
	})
}

// comparable checks that the ids of the transactions to come can be told from
// those in the snapshots: pgoutput sends 32 bits, which come round.
func (x *run) comparable(ctx context.Context, tables []*replay.Table, chunks []state.Chunk) error {
	consulted := map[catalog.Name]bool{}
	for _, t := range tables {
		consulted[t.Name] = t.Loaded != nil
	}
	return x.onSourceConn(ctx, func(conn *pgx.Conn) error {
		var next int64
		if err := conn.QueryRow(ctx, "select pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())").Scan(&next); err != nil {
			return err
		}
		for _, c := range chunks {
			if !consulted[catalog.Name{Schema: c.Schema, Local: c.Table}] {
				continue
			}
			s, err := handoff.ParseSnapshot(c.Snapshot)
			if err != nil {
				return err
			}
			if !s.Reaches(uint64(next)) {
				return fmt.Errorf("%s.%s was read %d transactions ago, and ids of transactions come round after 2^32: load it again",
					c.Schema, c.Table, uint64(next)-s.Xmin)
			}
		}
		return nil
	})
}

func byTable(chunks []state.Chunk) map[catalog.Name][]state.Chunk {
	loaded := map[catalog.Name][]state.Chunk{}
	for _, c := range chunks {
		name := catalog.Name{Schema: c.Schema, Local: c.Table}
		loaded[name] = append(loaded[name], c)
	}
	return loaded
}

// handedOff is what the load has read of a table in these chunks; nil of an adopted
// one: nothing.
func handedOff(step *planner.Step, chunks []state.Chunk) (*handoff.Table, error) {
	if step.Action != planner.Copy {
		return nil, nil
	}
	spec := step.Copy
	var order handoff.Order
	if spec.Mode == planner.ChunkSnapshots {
		var err error
		if order, err = handoff.OrderOf(spec.KeyType); err != nil {
			return nil, err
		}
	}
	var ranges []handoff.Range
	for _, c := range chunks {
		s, err := handoff.ParseSnapshot(c.Snapshot)
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, handoff.Range{Low: c.Low, High: c.High, Snapshot: s})
	}
	return handoff.NewTable(spec.Key, order, ranges)
}

// marker writes a marker on the source.
func (x *run) marker(ctx context.Context) (lsn pglogrepl.LSN, err error) {
	err = x.onSourceConn(ctx, func(conn *pgx.Conn) error {
		lsn, err = slot.Marker(ctx, conn)
		return err
	})
	return lsn, err
}

// followUntilCutover applies changes and serves requests until one of them is
// a cutover that succeeds, or the run is stopped.
func (x *run) followUntilCutover(ctx context.Context) (Outcome, error) {
	x.phases.enter(ctx, state.Following)
	x.crowd.Spare(ctx) // what the steps have used
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go x.watchSource(ctx, true)
	v := &verification{run: x}
	defer func() {
		v.wait()
		v.tries.over(ctx)
	}()
	for {
		request, err := x.followUntilRequest(ctx, v)
		switch {
		case errors.Is(err, ErrStopped):
			return Stopped, nil
		case err != nil:
			return "", err
		case v.unfinished():
			if request, err = v.request, v.next(ctx); err != nil {
				v.left = nil
			}
		case request.Kind == RequestVerify:
			err = v.start(ctx, request, Tables(x.Plan))
		case request.Kind == RequestCutover:
			var opened *planner.Plan
			if opened, err = x.cutover(ctx, request, v); opened != nil {
				return CutOver, x.whenOpen(ctx, opened)
			}
			if errors.Is(err, errInDoubt) {
				return "", err
			}
		default:
			err = fmt.Errorf("this version of sluice does not know the request %q", request.Kind)
		}
		if err != nil {
			request.Answer(nil, err)
			if classify(err) == final && errors.Is(err, session.ErrFenced) {
				return "", err
			}
		}
	}
}

// followUntilRequest follows until there is a request to serve, or another
// round of the comparison to begin.
func (x *run) followUntilRequest(ctx context.Context, v *verification) (Request, error) {
	wake := make(chan struct{})
	over := make(chan struct{})
	var request Request
	got := make(chan bool, 1)
	go func() {
		defer close(wake)
		select {
		case <-v.busy(): // one comparison at a time; the changes go on meanwhile
			if v.unfinished() {
				got <- true
				return
			}
		case <-x.Stop:
			got <- false
			return
		case <-over:
			got <- false
			return
		}
		select {
		case request = <-x.requests:
			got <- true
		case <-x.Stop:
			got <- false
		case <-over:
			got <- false
		}
	}()
	err := x.follow.to(ctx, 0, wake)
	close(over)
	if !<-got {
		return Request{}, err
	}
	if err != nil && !errors.Is(err, ErrStopped) {
		if request.Answer != nil {
			request.Answer(nil, err)
		}
		return Request{}, err
	}
	return request, nil
}

// watchEvery is how often the source is asked how far its WAL is.
const watchEvery = time.Second

// watchSource keeps the figures about the source fresh, and records where it is
// once there is a position to compare that with. It only informs: what fails here
// fails in the stream as well, and is dealt with there.
func (x *run) watchSource(ctx context.Context, record bool) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			session.Close(ctx, conn)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if conn == nil || conn.IsClosed() {
			var err error
			if conn, err = x.Source.Connect(ctx, "watch"); err != nil {
				continue
			}
		}
		s, err := slot.Find(ctx, conn, x.Plan.Slot)
		if err != nil || s == nil {
			continue
		}
		end, err := slot.SourceLSN(ctx, conn)
		if err != nil {
			continue
		}
		x.Progress.Source(uint64(end), s.Retained, time.Now())
		if record {
			if err := x.Store.Write(ctx, x.Store.SourceEnd(uint64(end))); err != nil {
				x.Log.Debug("recording where the source is", "error", err)
			}
		}
	}
}

// collectRequests brings the requests of the state and of Run.Request into one
// channel, but for those that are served at once. stop ends it.
func (x *run) collectRequests(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var waiting []Request
		if x.Request != nil {
			waiting = append(waiting, *x.Request)
		}
		for {
			var out chan<- Request
			var next Request
			if len(waiting) > 0 {
				out, next = x.requests, waiting[0]
			}
			select {
			case out <- next:
				waiting = waiting[1:]
			case r, ok := <-x.Store.Requests():
				if !ok {
					return
				}
				request := x.recorded(ctx, r.ID, r.Kind, r.Payload)
				if r.Kind == RequestSettings {
					x.adjust(ctx, request)
				} else {
					waiting = append(waiting, request)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// recorded is a request that another process left in the state. That the asker
// cannot be told is logged: what was done is done.
func (x *run) recorded(ctx context.Context, id int64, kind string, payload []byte) Request {
	ctx = context.WithoutCancel(ctx)
	return Request{
		Kind:    kind,
		Payload: payload,
		Say: func(line string) {
			if err := x.Store.Say(ctx, id, line); err != nil {
				x.Log.Warn("answering a request", "error", err)
			}
		},
		Answer: func(result []byte, err error) {
			failure := ""
			if err != nil {
				failure = err.Error()
			}
			if err := x.Store.Answer(ctx, id, string(result), failure); err != nil {
				x.Log.Warn("answering a request", "error", err)
			}
		},
		Answered: func(result []byte, lines []string) (records []state.Record) {
			for _, line := range lines {
				records = append(records, x.Store.Said(id, line))
			}
			return append(records, x.Store.Answered(id, string(result), ""))
		},
	}
}
