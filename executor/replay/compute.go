package replay

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
	"sluice/executor/transform"
	"sluice/planner"
)

// A table with a filter or with values of its own is computed by the source, row
// by row, before anything is applied. What is at hand of the stream is computed
// together: at the first change of such a table all that follow of it are looked
// for, and their results kept until it is their turn.

// presence says whether the row was on the target before a change.
type presence int

const (
	present presence = iota
	absent           // the filter kept it out
	unknown          // the change does not carry what the filter reads
)

// computed is a change as it is on the target.
type computed struct {
	new, old stream.Tuple // of the target's columns; old is by what the row is found, nil: by new
	kept     bool         // the new row passes the filter
	before   presence     // of the old row
}

// pending is a change on its way to a computed one, in the source's columns.
type pending struct {
	stream.Message
	key    *byte // of its item
	xid    uint32
	stamps transform.Stamps
	lsn    pglogrepl.LSN
	newRow int  // its index among the rows to evaluate; -1: none
	oldRow int  // as well
	gone   bool // the row was to be read again, and is no longer there
}

// Limits of what is computed at once.
const (
	maxAhead      = 1000
	maxAheadBytes = 8 << 20
)

// compute gives the current change as it is on the target.
func (a *Applier) compute(ctx context.Context, r *relation) (*computed, error) {
	key := &a.item.Data[0]
	if c := a.computed[key]; c != nil {
		delete(a.computed, key)
		return c, nil
	}
	changes, err := a.lookAhead(r)
	if err != nil {
		return nil, err
	}
	if err := a.computeAll(ctx, r, changes); err != nil {
		return nil, err
	}
	c := a.computed[key]
	delete(a.computed, key)
	return c, nil
}

// lookAhead decodes the current change and those behind it that are at hand, of
// the same table, until it is announced anew.
func (a *Applier) lookAhead(r *relation) ([]*pending, error) {
	first := a.pending(a.item, a.xid, a.finalLSN, a.commitTime)
	if err := first.decode(r, a.item.Data); err != nil {
		return nil, err
	}
	changes, size := []*pending{first}, 0
	var begin stream.Message
	begin.Xid, begin.FinalLSN, begin.CommitTime = a.xid, a.finalLSN, a.commitTime
	for _, item := range a.items {
		if len(changes) == maxAhead || size > maxAheadBytes {
			break
		}
		if len(item.Data) < 5 {
			continue
		}
		switch kind := stream.Kind(item.Data[0]); kind {
		case stream.StreamStart: // what is in it is not computed
			return changes, nil
		case stream.Begin:
			if err := begin.Decode(item.Data); err != nil {
				return nil, err
			}
		case stream.Relation, stream.Insert, stream.Update, stream.Delete:
			if binary.BigEndian.Uint32(item.Data[1:]) != r.announced.ID {
				continue
			}
			next := a.pending(item, begin.Xid, begin.FinalLSN, begin.CommitTime)
			if kind == stream.Relation || next.decode(r, item.Data) != nil {
				return changes, nil // what is wrong with it is said when it is its turn
			}
			if r.seen(begin.Xid, &next.Message) {
				continue
			}
			changes, size = append(changes, next), size+len(item.Data)
		}
	}
	return changes, nil
}

// seen says that the load has read all that a change did, so that nothing of it is
// computed: it may be what made the load fail, and was put right for it. Ranges
// that were loaded are of a column that holds the source's value.
func (r *relation) seen(xid uint32, m *stream.Message) bool {
	if r.Loaded == nil {
		return false
	}
	sees := func(row stream.Tuple) bool {
		t := r.plain(row)
		return (r.chunkKey < 0 || t[r.chunkKey].Kind != stream.Unchanged) && r.visible(xid, t)
	}
	if m.HasOld && !sees(m.Old) {
		return false
	}
	return m.Kind == stream.Delete || sees(m.New)
}

func (a *Applier) pending(item stream.Item, xid uint32, lsn pglogrepl.LSN, at time.Time) *pending {
	return &pending{key: &item.Data[0], xid: xid, lsn: lsn, newRow: -1, oldRow: -1,
		stamps: transform.Stamps{CommitTime: at.UTC().Format("2006-01-02 15:04:05.999999Z"), LSN: lsn.String()}}
}

// decode reads the change. Of an old key the other columns were not sent.
func (c *pending) decode(r *relation, data []byte) error {
	if err := c.Decode(data); err != nil {
		return err
	}
	if err := r.fits(&c.Message); err != nil || !c.HasOld || !c.OldKey {
		return err
	}
	for i := range c.Old {
		if !r.announced.Columns[i].Key {
			c.Old[i] = stream.Value{Kind: stream.Unchanged}
		}
	}
	return nil
}

func (a *Applier) computeAll(ctx context.Context, r *relation, changes []*pending) error {
	changes, err := a.complete(ctx, r, changes)
	if err != nil {
		return err
	}
	return a.computeRows(ctx, r, changes)
}

// computeRows computes what can be computed of changes as they are.
func (a *Applier) computeRows(ctx context.Context, r *relation, changes []*pending) error {
	var rows []transform.Row
	add := func(t stream.Tuple, c *pending, find bool) int {
		rows = append(rows, transform.Row{Values: t, Stamps: c.stamps, Find: find})
		return len(rows) - 1
	}
	for _, c := range changes {
		c.stamps.Op = "update"
		if c.Kind == stream.Insert {
			c.stamps.Op = "insert"
		}
		if c.Kind != stream.Delete {
			c.newRow = add(c.New, c, false)
		}
		if c.HasOld {
			c.oldRow = add(c.Old, c, true)
		} else if c.Kind == stream.Update && r.rounds() {
			c.oldRow = add(c.New, c, true)
		}
	}
	results, err := a.evaluate(ctx, r, changes, rows)
	if err != nil {
		return err
	}
	for _, c := range changes {
		a.computed[c.key] = r.assemble(c, results)
	}
	return nil
}

func (a *Applier) evaluate(ctx context.Context, r *relation, changes []*pending, rows []transform.Row) ([]transform.Result, error) {
	source, err := a.fromSource(ctx)
	if err != nil {
		return nil, err
	}
	results, err := source.Evaluate(ctx, r.shape, rows)
	if failed := new(transform.RowError); errors.As(err, &failed) {
		for _, c := range changes {
			if c.newRow == failed.Row || c.oldRow == failed.Row {
				return nil, fmt.Errorf("computing the values of %s (%s) at %s: %w; the change stays as it is: edit where and value in the table's block, and sluice apply loads the table again",
					r.Name, r.describe(c.tuple()), c.lsn, err)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("computing the values of %s: %w", r.Name, err)
	}
	return results, nil
}

// tuple is the one that names the row.
func (c *pending) tuple() stream.Tuple {
	if c.HasOld {
		return c.Old
	}
	return c.New
}

// fromSource opens the connection to the source at its first use.
func (a *Applier) fromSource(ctx context.Context) (*transform.Source, error) {
	if a.source == nil {
		source, err := transform.Open(ctx, a.options.Source)
		if err != nil {
			return nil, err
		}
		a.source = source
	}
	return a.source, nil
}

// firstRead is how many rows are read again together at first. Their length is not
// known before: it doubles as long as they are short.
const firstRead = 8

// complete gives the new rows the values that they lack, as far as those are
// needed: from the old row where that was sent whole, else from the source. It
// returns the changes up to where there is enough in memory.
func (a *Applier) complete(ctx context.Context, r *relation, changes []*pending) ([]*pending, error) {
	var lacking []*pending
	size, most := 0, firstRead
	for i, c := range changes {
		if c.Kind == stream.Update {
			r.fillFromOld(c)
			if r.lacks(c) {
				lacking = append(lacking, c)
			}
		}
		if len(lacking) == 0 || len(lacking) < most && i < len(changes)-1 {
			continue
		}
		if err := a.readAgain(ctx, r, lacking); err != nil {
			return nil, err
		}
		for _, c := range lacking {
			size += c.size()
		}
		if size > maxAheadBytes {
			return changes[:i+1], nil
		}
		lacking, most = nil, 2*most
	}
	return changes, nil
}

// size is the length of the new row's values.
func (c *pending) size() (n int) {
	for _, v := range c.New {
		n += len(v.Text)
	}
	return n
}

func (r *relation) fillFromOld(c *pending) {
	if !c.HasOld {
		return
	}
	fill(c.New, c.Old, r.sourceIdentity())
	if !c.OldKey {
		fillAll(c.New, c.Old)
	}
}

// readAgain reads rows on the source, and puts the values that were not sent into
// the changes. It notes up to where the target may be ahead: where a row is not as
// the change itself left it.
func (a *Applier) readAgain(ctx context.Context, r *relation, changes []*pending) error {
	source, err := a.fromSource(ctx)
	if err != nil {
		return err
	}
	readings := make([]transform.Reading, len(changes))
	for i, c := range changes {
		readings[i] = r.reading(c)
	}
	rows, until, err := source.Read(ctx, readings)
	if err != nil {
		return fmt.Errorf("reading rows of %s again: %w", r.Name, err)
	}
	for i, c := range changes {
		if c.gone = rows[i].Want == nil; !c.gone {
			complete(c.New, rows[i].Want)
		}
		if rows[i].Xid != strconv.FormatUint(uint64(c.xid), 10) {
			a.ahead[r.Name] = max(a.ahead[r.Name], until)
		}
	}
	return nil
}

// complete puts values, in the order of the row's columns, where it has none.
func complete(row, values stream.Tuple) {
	for i := range row {
		if row[i].Kind == stream.Unchanged {
			row[i], values = values[0], values[1:]
		}
	}
}

// reading asks for what a new row lacks.
func (r *relation) reading(c *pending) transform.Reading {
	q := transform.Reading{Xid: c.xid, Table: r.Copy.From}
	for _, i := range r.sourceIdentity() {
		q.Key, q.Is = append(q.Key, r.announced.Columns[i].Name), append(q.Is, c.New[i])
	}
	for i, v := range c.New {
		if v.Kind == stream.Unchanged {
			q.Want = append(q.Want, r.announced.Columns[i].Name)
		}
	}
	return q
}

// lacks says that an update has to be completed: to tell whether the row passes,
// to insert it where it may not be there, or to compute a value of which only a
// part was sent.
func (r *relation) lacks(c *pending) bool {
	if unchanged(c.New) < 0 {
		return false
	}
	if r.before(c) == unknown || r.moves(c) || r.shape.Where != nil && c.HasOld { // with another key it may only now pass
		return true
	}
	return slices.ContainsFunc(r.shape.Values, func(v *planner.Expression) bool {
		missing := r.shape.Missing(c.New, v)
		return missing > 0 && (missing < len(v.Uses) || len(v.Stamps) > 0)
	})
}

// rounds says that a row has another key on the target than the one that is
// computed for it: one without the modifier of its column's type.
func (r *relation) rounds() bool {
	return slices.ContainsFunc(r.identity, func(i int) bool { return r.values[i] != nil && r.values[i].Type != r.values[i].Base })
}

// moves says that the row may go from one loaded range of keys to another.
func (r *relation) moves(c *pending) bool {
	return r.Loaded != nil && c.HasOld && r.visible(c.xid, r.plain(c.Old)) != r.visible(c.xid, r.plain(c.New))
}

// before says what is known of the old row, but for what evaluating it gives.
func (r *relation) before(c *pending) presence {
	if r.shape.Where == nil || r.Copy.KnowsBefore(c.HasOld && !c.OldKey) {
		return present
	}
	return unknown
}

// assemble makes the change of what was evaluated.
func (r *relation) assemble(c *pending, results []transform.Result) *computed {
	made := &computed{before: r.before(c), kept: true}
	if c.newRow >= 0 {
		result := results[c.newRow]
		made.new, made.kept = r.assembleRow(c.New, result), result.Kept && !(c.gone && made.before == unknown)
	}
	passed := made.kept
	if c.oldRow >= 0 {
		made.old, passed = r.assembleRow(c.tuple(), results[c.oldRow]), results[c.oldRow].Kept
	}
	if made.before == present && r.shape.Where != nil && !passed {
		made.before = absent
	}
	return made
}

// assembleRow puts together what the source sent and what it computed. A value
// that reads what was not sent has not changed.
func (r *relation) assembleRow(row stream.Tuple, result transform.Result) stream.Tuple {
	t := r.plain(row)
	n := 0
	for i, value := range r.values { // by column; nil: the source's own
		if value == nil {
			continue
		}
		t[i] = result.Values[n]
		if r.shape.Missing(row, value) > 0 {
			t[i] = stream.Value{Kind: stream.Unchanged}
		}
		n++
	}
	return t
}
