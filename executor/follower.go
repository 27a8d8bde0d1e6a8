package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/replay"
	"sluice/executor/slot"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/state"
)

// follower reads a slot, or the spool behind it, and applies what it says. Between
// two calls of to it holds: nothing is applied, the source is kept informed.
type follower struct {
	run     *run
	joining *planner.Step // whose tables it follows until they join; nil: those that have
	paused  *planner.Step // the table whose changes it applies, as far as the others are; nil: all
	feed    feed          // nil: it is opened at the applier's position
	applier *replay.Applier
	keep    pglogrepl.LSN // what comes from here on is not acknowledged; 0: all is

	// early: a large transaction is applied before it is committed, where the source
	// sends it so. Not up to whole, since one could not.
	early bool
	whole pglogrepl.LSN

	// renewedAt is the position at which the session was last given up for one that
	// knows the target as it is.
	renewedAt uint64
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
// over as many connections as it takes. Behind a limit no transaction is in progress
// on the target, so that whoever is called next finds no locks of ours there.
func (f *follower) to(ctx context.Context, limit pglogrepl.LSN, stop <-chan struct{}) error {
	return f.run.retrying(ctx, func(ctx context.Context) (progressed bool, err error) { return f.apply(ctx, limit, stop) })
}

// fallsBack ends the connections where a transaction that is in progress cannot be
// applied yet, so that the next ones have whole transactions. Where the target went
// away they are as the ones before.
func (f *follower) fallsBack(ctx context.Context, err error) bool {
	whole, refused := new(replay.WholeError), new(pgconn.ConnectError)
	if !errors.As(err, &whole) || classify(whole.Err) == connection && !errors.As(err, &refused) {
		return false
	}
	f.run.Log.Warn("transactions are applied when they are committed", "reason", whole.Err, "until", f.applier.Received())
	f.whole = f.applier.Received()
	f.close(ctx)
	return true
}

// reads says how what comes after a position is read.
func (f *follower) reads(position pglogrepl.LSN) (early bool) {
	return f.early && position > f.whole && f.run.Plan.Source.VersionNum >= 140000
}

// anticipate lets transactions be applied before they are committed from now on.
func (f *follower) anticipate(ctx context.Context) {
	if f.early = true; f.applier != nil {
		f.again(ctx)
	}
}

// again reads anew from where the applier stands. What is in progress is rolled back,
// and comes again.
func (f *follower) again(ctx context.Context) {
	f.endFeed()
	f.applier.Again(ctx)
}

// open begins at the position that the state has: what was committed after it
// on the source is sent again, and nothing else.
func (f *follower) open(ctx context.Context) error {
	if f.feed != nil {
		return nil
	}
	if f.applier != nil {
		return f.read(ctx, pglogrepl.LSN(f.applier.Position().LSN))
	}
	st, err := f.run.Store.State(ctx)
	if err != nil {
		return err
	}
	o := replay.Options{
		Source: f.run.Source, Target: f.run.Target, Ledger: f.run.Store,
		OldSource: f.run.Plan.OldSource(), Origin: f.run.Plan.Origin, Position: f.position, Columns: f.columns,
		Progress: f.run.Progress, Flow: f.run.brakes.changes, Connections: f.run.connections, Point: f.run.Point,
	}
	f.keep = 0
	if f.joining == nil {
		f.keep = pglogrepl.LSN(st.Keep())
	}
	switch {
	case f.joining != nil:
		f.apart(&o)
		o.Partial = true
		o.Tables, err = f.run.onTheirWay(ctx, f.joining, st)
	case f.paused != nil:
		f.keep = min(f.keep, pglogrepl.LSN(st.Position.LSN)) // the others may stand before it
		f.alone(&o, st)
	default:
		o.Ignored = f.run.ignored(st)
		o.Partial = len(o.Ignored) > 0
		o.Tables, err = f.run.followed(ctx, st)
	}
	if err != nil {
		return err
	}
	if f.paused == nil {
		f.passOver(&o, st)
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
		from, err := s.spool.Read(position, f.keep)
		if err != nil {
			return fmt.Errorf("%w; %s", err, spoolWayOut)
		}
		f.feed = from
		return nil
	}
	wayOut := reloadWayOut
	if f.joining != nil {
		wayOut = "exclude the tables that join through it, run sluice apply, and take them in again"
	}
	needed, what := position, "what was applied"
	if f.keep != 0 && f.keep < position {
		needed, what = f.keep, "what was applied of a paused table"
	}
	if err := f.run.usable(ctx, f.slot(), needed, what, wayOut); err != nil {
		return err
	}
	from, err := stream.Open(ctx, f.run.Source, stream.Options{
		Slot: f.slot(), Publication: f.slot(), Start: position, Keep: f.keep, Early: f.reads(position),
		Check: f.run.sameHistory(position, "what was applied", wayOut),
	})
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
select pg_catalog.format_type(c.type, c.typmod),
  case when exists (select from pg_catalog.pg_class where oid = $1::oid) then coalesce(a.attnum, 0) else -1 end
from rows from (unnest($2::text[]), unnest($3::oid[]), unnest($4::int[])) with ordinality as c (name, type, typmod, n)
left join pg_catalog.pg_attribute a on a.attrelid = $1::oid and a.attname = c.name and not a.attisdropped
order by c.n`

const reloadWayOut = "remove the migration with sluice cleanup and load again"

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
	f.endFeed()
	if f.applier != nil {
		f.applier.Close(ctx)
	}
	f.applier = nil
}

func (f *follower) endFeed() {
	if f.feed != nil {
		if err := f.feed.Close(); err != nil {
			f.run.Log.Debug("the stream has ended", "error", err)
		}
	}
	f.feed = nil
}
