package executor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/executor/load"
	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/executor/verify"
	"sluice/planner/catalog"
	"sluice/state"
)

// A repair makes rows that differ as they are on the source. The comparison has found
// their keys beside the changes; then, while the changes stand still at a snapshot of
// the source, the target has that very state but for what differs, and nobody else
// writes there. So these rows are copied from the snapshot, a table in one
// transaction, and the changes go on behind it. The next round of the comparison
// shows what is left.

// RepairRows is the payload of a request to verify that repairs.
const RepairRows = `{"repair": true}`

func repairs(request Request) bool {
	var asked struct{ Repair bool }
	return json.Unmarshal(request.Payload, &asked) == nil && asked.Repair
}

// repaired is how many rows of a table are copied at once: the changes wait for them.
const repaired = 10_000

func (v *verification) differences() int {
	if v.repair {
		return repaired
	}
	return verify.DefaultDifferences
}

// mendable says that the differences of a table are to be repaired: not those that
// are the same after that.
func (v *verification) mendable(ctx context.Context, t verify.Table, r verify.Result) bool {
	if !v.repair || r.Equal {
		return false
	}
	why := t.Unrepairable()
	if why == "" {
		var err error
		if why, err = v.run.ownColumns(ctx, t.Target.Name); err != nil {
			why = err.Error()
		}
	}
	if why != "" {
		v.request.Say(fmt.Sprintf("as it is   %-36s  %s: no row of it is repaired", r.Table, why))
		return false
	}
	return !slices.ContainsFunc(r.Keys(), func(key string) bool {
		_, tried := slices.BinarySearch(v.broken[r.Table], key)
		return tried
	})
}

// ownColumns says that a table of the target has columns that nothing is copied into: of
// a row that is copied again they would be lost. Empty: it has none.
func (x *run) ownColumns(ctx context.Context, table catalog.Name) (why string, err error) {
	var copied []string
	for _, c := range x.into(table).Copy.Columns {
		copied = append(copied, c.Name)
	}
	conn, err := x.Target.Connect(ctx, "repair")
	if err != nil {
		return "", err
	}
	defer session.Close(ctx, conn)
	const sql = `
		select coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ' order by attnum), '')
		from pg_catalog.pg_attribute
		where attrelid = pg_catalog.to_regclass($1::text) and attnum > 0 and not attisdropped and attgenerated = '' and attname <> all($2::text[])`
	var own string
	if err = conn.QueryRow(ctx, sql, table.SQL(), copied).Scan(&own); err == nil && own != "" {
		why = "the target has columns of its own in it, " + own
	}
	return why, err
}

// shown is a result with as many differences as people look at.
func shown(r verify.Result) verify.Result {
	if len(r.Different) > verify.DefaultDifferences {
		r.Different, r.More = slices.Clone(r.Different[:verify.DefaultDifferences]), true
	}
	return r
}

// mend copies what differed again, while the changes stand still at a snapshot.
func (v *verification) mend(ctx context.Context, at *slot.Exported) error {
	for _, t := range v.left {
		keys := v.broken[t.Target.Name]
		if len(keys) == 0 {
			continue
		}
		copied, deleted, err := v.run.mend(ctx, t, keys, at)
		if err != nil {
			return fmt.Errorf("repairing %s: %w", t.Target.Name, err)
		}
		v.request.Say(fmt.Sprintf("repaired   %-36s %10d copied again, %d deleted before", t.Target.Name, copied, deleted))
	}
	return nil
}

func (x *run) mend(ctx context.Context, t verify.Table, keys []string, at *slot.Exported) (copied, deleted int64, err error) {
	step := x.into(t.Target.Name)
	err = x.onSourceConn(ctx, func(source *pgx.Conn) error {
		begin := "begin isolation level repeatable read read only; set transaction snapshot " + catalog.Literal(at.Snapshot)
		if err := session.Exec(ctx, source.PgConn(), begin); err != nil {
			return err
		}
		target, err := x.Target.Connect(ctx, "repair")
		if err != nil {
			return err
		}
		defer session.Close(ctx, target)
		c := target.PgConn()
		if err := session.Replica(ctx, c, x.Plan.Origin, []catalog.Name{t.Target.Name}); err != nil {
			return err
		}
		if err := session.Exec(ctx, c, "begin"); err != nil {
			return err
		}
		copied, deleted, err = verify.Repair(ctx, source, target, t, keys, func(where string) (out, in string) {
			return load.Rows(step.Copy, t.Target.Name, where, at.LSN.String())
		})
		if err != nil {
			return err
		}
		unsure := state.Certificate{
			Schema: t.Target.Name.Schema, Table: t.Target.Name.Local, LSN: uint64(at.LSN), Detail: fmt.Sprintf("repaired at %s, not compared since", pglogrepl.LSN(at.LSN)),
		}
		x.Point("repair: before it commits")
		if err := session.Record(ctx, c, x.Store.Certificate(unsure)); err != nil {
			return err
		}
		return session.Exec(ctx, c, "commit")
	})
	return copied, deleted, err
}
