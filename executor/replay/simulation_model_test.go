package replay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/google/go-cmp/cmp"

	"sluice/executor/stream"
	"sluice/state"
)

// model is a target without a server: what is on it for good. It is judged by the
// history at each of its commits.
type model struct {
	history  *history
	tables   []rows
	position state.Position
	wrong    error // the first thing that must not be
	reached  map[string]int
}

func newModel(h *history, reached map[string]int) *model {
	m := &model{history: h, tables: make([]rows, len(samples)), reached: reached}
	for table := range m.tables {
		m.tables[table] = h.on(table, 0)
	}
	return m
}

func (m *model) fail(format string, args ...any) {
	if m.wrong == nil {
		m.wrong = fmt.Errorf(format, args...)
	}
}

// commit is durable from here on.
func (m *model) commit(tables []rows, p state.Position) {
	if p.LSN < m.position.LSN {
		m.fail("the position goes back from %x to %x", m.position.LSN, p.LSN)
	}
	h := m.history
	done := h.before(p.LSN)
	if done > 0 && h.transactions[done-1].end > p.LSN {
		m.fail("the position %x is within transaction %d", p.LSN, done-1)
	}
	for table, s := range samples {
		if want := h.on(table, done); !want.equal(tables[table]) {
			m.fail("at %x, behind %d transactions, %s is not as on the source (-want +got):\n%s", p.LSN, done, s.name, cmp.Diff(want, tables[table]))
		}
	}
	if l := h.lacks; l != nil && done > l.transaction {
		m.fail("a change of a row that is lacking was committed at %x", p.LSN)
	}
	if done < h.converged {
		m.reached["a commit before all that a load has read"]++
	}
	got := counts{p.Inserts, p.Updates, p.Deletes, p.Truncates}
	if want := h.counts[done]; got != want && !slices.ContainsFunc(h.loads, func(l *load) bool { return l != nil }) {
		m.fail("at %x the changes are counted as %v, want %v", p.LSN, got, want)
	}
	m.tables, m.position = tables, p
	m.reached["a commit"]++
}

// answer is what comes of a request to the target.
type answer int

const (
	answered answer = iota
	refusal         // nothing of it was done, and the connection is gone
	lost            // it was done, and the connection is gone
)

var (
	errGone     = errors.New("the connection is gone")
	errDiverged = errors.New("a change did not touch one row")
)

// connection is the sink to a model. Whatever is asked of it waits for its answer.
type connection struct {
	*rand.Rand
	*model
	answers chan answer
	waiting atomic.Bool
	open    []rows // within a transaction; nil: there is none
}

// wait waits for the answer. It is after it that a job is looked at, so that one
// which is used again too early is noticed.
func (c *connection) wait(ctx context.Context) (answer, error) {
	if c.waiting.Swap(true) {
		c.fail("two requests at once")
	}
	defer c.waiting.Store(false)
	select {
	case a := <-c.answers:
		if a == refusal {
			c.open = nil
			return a, errGone
		}
		return a, nil
	case <-ctx.Done():
		return refusal, context.Cause(ctx)
	}
}

func (c *connection) do(ctx context.Context, j *job) error {
	a, err := c.wait(ctx)
	if err != nil {
		return err
	}
	if c.open == nil {
		c.open = slices.Clone(c.tables)
	}
	if err := c.write(j); err != nil {
		return err
	}
	if j.commit == nil {
		c.reached["a job that is a part of a batch"]++
	} else {
		c.commit(c.open, *j.commit)
		c.open = nil
	}
	if a == lost {
		if j.commit != nil {
			c.reached["a commit whose answer is lost"]++
		}
		return errGone
	}
	return nil
}

func (c *connection) save(ctx context.Context, p state.Position) error {
	a, err := c.wait(ctx)
	if err != nil {
		return err
	}
	if c.open != nil {
		c.fail("the position %x is written by itself within a transaction", p.LSN)
	}
	c.commit(c.tables, p)
	c.reached["a position by itself"]++
	if a == lost {
		return errGone
	}
	return nil
}

func (c *connection) back(context.Context) error {
	c.open = nil
	return nil
}

func (c *connection) end(context.Context) {
	if c.waiting.Load() {
		c.fail("the connection ends while it is used")
	}
	c.open = nil
}

// write does the changes of a job, runs of them by sets.
func (c *connection) write(j *job) error {
	var run []*change
	for i := range j.changes {
		change := &j.changes[i]
		if !change.alone && change.single == nil {
			run = append(run, change)
			continue
		}
		if err := c.apply(run); err != nil {
			return err
		}
		run = nil
		if err := c.one(change); err != nil {
			return err
		}
	}
	return c.apply(run)
}

func (c *connection) apply(run []*change) error {
	if c.IntN(5) > 0 {
		if sets, ok := setsOf(run); ok && c.sets(sets) {
			return nil
		}
	}
	for _, change := range run {
		if err := c.one(change); err != nil {
			return err
		}
	}
	return nil
}

// sets does all of them, or none. Rows are unique by their key only, so that none is
// refused but where a row is lacking.
func (c *connection) sets(sets []set) bool {
	before := slices.Clone(c.open)
	for i := range sets {
		s := &sets[i]
		if touched := c.set(s); touched != s.count() {
			if c.history.lacks == nil {
				c.fail("the set %s of %s touches %d rows instead of %d", s.shape, s.relation.Name, touched, s.count())
			}
			c.open = before
			return false
		}
		c.reached["a set"]++
	}
	return true
}

// set does one, and says how many rows it has touched.
func (c *connection) set(s *set) (touched int64) {
	table, t := c.table(s.relation.announced.ID)
	keys, values := allTexts(s.keys), allTexts(s.rows)
	keyed := func(r row) int { return slices.IndexFunc(keys, func(key row) bool { return t.same(r, key) }) }
	switch s.shape {
	case "-":
		left := slices.DeleteFunc(slices.Clone(*table), func(r row) bool { return keyed(r) >= 0 })
		touched, *table = int64(len(*table)-len(left)), left
	case "+":
		for _, r := range values {
			touched += insert(table, t, r)
		}
	default:
		changed := slices.Clone(*table)
		for i, r := range changed {
			if at := keyed(r); at >= 0 {
				changed[i] = slices.Clone(r)
				for _, column := range s.columns {
					changed[i][column] = values[at][column]
				}
				touched++
			}
		}
		slices.SortFunc(changed, slices.Compare[row])
		*table = changed
	}
	return touched
}

// one does one change, with the parameters of its statement, which must touch as many
// rows as the change expects.
func (c *connection) one(change *change) error {
	r := change.relation
	switch s := change.single; {
	case r == nil:
		c.empty(s.sql())
		return nil
	case s != nil:
		if s.shape[0] != 'r' {
			return fmt.Errorf("the model knows no statement %q", s.shape)
		}
		c.reached["a row that is replaced"]++
		return c.expect(s.expect, c.updated(r, s.shape[1:], s.params))
	case change.kind == stream.Insert:
		table, t := c.table(r.announced.ID)
		return c.expect(one, insert(table, t, parameters(values(nil, change.row))))
	case change.kind == stream.Delete:
		table, t := c.table(r.announced.ID)
		at := t.lookUp(*table, parameters(r.identify(nil, change.old)))
		if at < 0 {
			return c.expect(one, 0)
		}
		*table = table.without(at)
		return c.expect(one, 1)
	}
	return c.expect(one, c.updated(r, change.mask, r.identify(masked(nil, change.row, change.mask), change.old)))
}

func (c *connection) expect(e expectation, rows int64) error {
	c.reached["a change by itself"]++
	if !e.met(rows) {
		return errDiverged
	}
	return nil
}

// updated sets the columns that mask marks. The parameters are their values, then
// those by which the row is found.
func (c *connection) updated(r *relation, mask string, params [][]byte) int64 {
	table, t := c.table(r.announced.ID)
	set := strings.Count(mask, "1")
	values := parameters(params)
	at := t.lookUp(*table, values[set:])
	if at < 0 {
		return 0
	}
	changed := slices.Clone((*table)[at])
	for column := range changed {
		if mask[column] == '1' {
			changed[column], values = values[0], values[1:]
		}
	}
	*table = table.without(at)
	return insert(table, t, changed)
}

// insert puts a row where its key is free, and says how many it has put.
func insert(table *rows, t *sample, r row) int64 {
	if t.key != nil && t.find(*table, r) >= 0 {
		return 0
	}
	*table = table.with(r)
	return 1
}

// lookUp finds a row by the values of its identity.
func (t *sample) lookUp(in rows, identity []string) int {
	wanted := row(identity)
	if t.key != nil {
		wanted = make(row, len(t.columns))
		for i, column := range t.key {
			wanted[column] = identity[i]
		}
	}
	return t.find(in, wanted)
}

func (c *connection) table(id uint32) (*rows, *sample) {
	table := id - relationID
	return &c.open[table], samples[table]
}

var (
	emptied = regexp.MustCompile(`only "public"\."(\w+)"`)
	bound   = regexp.MustCompile(`"(\w+)" (>=|<) '(\d+)'`)
)

// empty does a TRUNCATE, or a DELETE of ranges of keys.
func (c *connection) empty(sql string) {
	_, where, ranges := strings.Cut(sql, " where ")
	for _, name := range emptied.FindAllStringSubmatch(sql, -1) {
		at := slices.IndexFunc(samples, func(s *sample) bool { return s.name == name[1] })
		if !ranges {
			c.open[at] = nil
			c.reached["a table that is emptied"]++
			continue
		}
		c.open[at] = slices.DeleteFunc(slices.Clone(c.open[at]), func(r row) bool {
			return slices.ContainsFunc(strings.Split(where, " or "), func(part string) bool { return samples[at].within(r, part) })
		})
		c.reached["ranges that are emptied"]++
	}
}

func (s *sample) within(r row, condition string) bool {
	for _, b := range bound.FindAllStringSubmatch(condition, -1) {
		value, limit := number(r[slices.Index(s.columns, b[1])]), number(b[3])
		if (value >= limit) != (b[2] == ">=") {
			return false
		}
	}
	return condition != "false"
}

func allTexts(tuples []stream.Tuple) (all []row) {
	for _, t := range tuples {
		all = append(all, parameters(values(nil, t)))
	}
	return all
}

func parameters(params [][]byte) row {
	r := make(row, len(params))
	for i, p := range params {
		if r[i] = null; p != nil {
			r[i] = string(p)
		}
	}
	return r
}
