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
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// followed makes the tables that the changes go to, with what the load has read
// of each. Past the marker of the converge step nothing that comes was read:
// then there is nothing to look up, and no snapshot grows old. That holds for a
// table that has joined since, too.
func (x *run) followed(ctx context.Context, st state.State) (tables []*replay.Table, err error) {
	converged, chunks := x.converged(st), byTable(st.Chunks)
	consulted := map[catalog.Name]bool{}
	for _, f := range st.Followed {
		step := x.rows[catalog.ID{Kind: catalog.KindTable, Schema: f.Schema, Name: f.Table}]
		if f.Left || step == nil {
			continue
		}
		t := &replay.Table{Name: step.Into(), Copy: step.Copy}
		if !converged {
			if t.Loaded, err = handedOff(step, chunks[step.Object.Qualified()]); err != nil {
				return nil, fmt.Errorf("following %s: %w", t.Name, err)
			}
		}
		consulted[step.Object.Qualified()] = t.Loaded != nil
		tables = append(tables, t)
	}
	if converged {
		return tables, nil
	}
	return tables, x.comparable(ctx, consulted, st.Chunks)
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
func (x *run) comparable(ctx context.Context, consulted map[catalog.Name]bool, chunks []state.Chunk) error {
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go x.watchSource(ctx, true)
	switch err := x.resume(ctx); {
	case errors.Is(err, ErrStopped):
		return Stopped, nil
	case err != nil:
		return "", err
	}
	x.phases.enter(ctx, state.Following)
	x.crowd.Spare(ctx) // what the steps have used
	x.follow.anticipate(ctx)
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
			if errors.Is(err, errFenced) || classify(err) == final && errors.Is(err, session.ErrFenced) {
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
