package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"sluice/executor/stream"
	"sluice/state"
)

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
	answers    chan answer
	waiting    atomic.Bool
	*view      // of a transaction; nil: there is none
	savepoints []saved
	early      bool // it is of a transaction in progress
	behind     bool // others are to commit before what it does
}

type saved struct {
	name string
	*view
}

// connect opens a session.
func (m *model) connect(random *rand.Rand) *connection {
	c := &connection{Rand: random, model: m, answers: make(chan answer)}
	m.sessions = append(m.sessions, c)
	return c
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
			c.over()
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
	if c.view == nil {
		c.view = newView(c.tables)
	}
	c.look(c.tables)
	if c.behind = j.tentative; c.behind {
		c.reached["a batch that is written behind others"]++
	}
	err = c.write(ctx, j)
	if err == nil && c.behind && c.IntN(8) == 0 { // a server may have its reasons
		err = errRefused
	}
	switch {
	case err != nil:
		c.over()
		if c.behind {
			c.reached["a batch that is refused behind others"]++
		}
	case j.commit == nil:
		c.reached["a job that is a part of a batch"]++
	default:
		c.commit(c.rows, *j.commit)
		switch {
		case c.early:
			c.reached["a commit of what was in progress"]++
		case slices.ContainsFunc(c.sessions, func(other *connection) bool { return other.early }):
			c.reached["a commit beside what is in progress"]++
		}
		c.over()
	}
	if a == lost {
		if err == nil && j.commit != nil {
			c.reached["a commit whose answer is lost"]++
		}
		c.over()
		return errGone
	}
	return err
}

func (c *connection) save(ctx context.Context, p state.Position) error {
	a, err := c.wait(ctx)
	if err != nil {
		return err
	}
	if c.view != nil {
		c.fail("the position %x is written by itself within a transaction", p.LSN)
	}
	c.commit(c.tables, p)
	c.reached["a position by itself"]++
	if a == lost {
		return errGone
	}
	return nil
}

func (c *connection) back(ctx context.Context) error {
	a, err := c.wait(ctx)
	c.over()
	if a == lost {
		return errGone
	}
	return err
}

func (c *connection) end(context.Context) {
	if c.waiting.Load() {
		c.fail("the connection ends while it is used")
	}
	c.over()
	c.sessions = slices.DeleteFunc(c.sessions, func(other *connection) bool { return other == c })
}

// over is the end of a transaction.
func (c *connection) over() { c.view, c.savepoints = nil, nil }

// write does the changes of a job, runs of them by sets.
func (c *connection) write(ctx context.Context, j *job) error {
	var run []*change
	for i := range j.changes {
		change := &j.changes[i]
		if !change.alone && change.single == nil {
			run = append(run, change)
			continue
		}
		if err := c.apply(ctx, run); err != nil {
			return err
		}
		run = nil
		if err := c.one(ctx, change); err != nil {
			return err
		}
	}
	return c.apply(ctx, run)
}

func (c *connection) apply(ctx context.Context, run []*change) error {
	if c.behind || c.IntN(5) > 0 {
		if sets, ok := setsOf(run); ok {
			if fits, err := c.sets(ctx, sets); fits || err != nil {
				return err
			}
		}
	}
	if c.behind {
		return errRefused
	}
	for _, change := range run {
		if err := c.one(ctx, change); err != nil {
			return err
		}
	}
	return nil
}

// sets does all of them, or none. It is only for a row that is lacking, or a value
// that goes from one row to another, that the second is so.
func (c *connection) sets(ctx context.Context, sets []set) (fits bool, err error) {
	before := slices.Clone(c.rows)
	for i := range sets {
		s := &sets[i]
		var unwaited *view
		if c.behind {
			unwaited = c.clone()
		}
		touched, err := c.set(ctx, s)
		for err == errAgain {
			c.view = unwaited.clone()
			c.look(c.tables)
			touched, err = c.set(ctx, s)
		}
		if err != nil {
			return false, err
		}
		if touched != s.count() {
			if _, t := c.table(s.relation); t.unique == nil && c.history.lacks == nil {
				c.fail("the set %s of %s touches %d rows instead of %d", s.shape, s.relation.Name, touched, s.count())
			}
			c.rows = before
			return false, nil
		}
		c.reached["a set"]++
	}
	return true, nil
}

// set does one, and says how many rows it has touched.
func (c *connection) set(ctx context.Context, s *set) (touched int64, err error) {
	table, t := c.table(s.relation)
	keys, values := allTexts(s.keys), allTexts(s.rows)
	if s.shape == "+" {
		for _, r := range values {
			n, err := c.insert(ctx, table, r)
			if err != nil {
				return 0, err
			}
			touched += n
		}
		return touched, nil
	}
	var changed rows
	for _, r := range c.rows[table] {
		at := slices.IndexFunc(keys, func(key row) bool { return t.same(r, key) })
		if at < 0 {
			changed = append(changed, r)
			continue
		}
		if err := c.hold(ctx, table, r); err != nil {
			return 0, err
		}
		if s.shape == "-" {
			touched++
			continue
		}
		own := slices.Clone(r)
		for _, column := range s.columns {
			own[column] = values[at][column]
		}
		if t.unique != nil {
			if c.meets(t, c.rows[table].without(t.find(c.rows[table], r)), own) {
				return 0, nil // be it of a row that changes as well
			}
			if err := c.hold(ctx, table, own); err != nil {
				return 0, err
			}
		}
		touched++
		changed = append(changed, own)
	}
	slices.SortFunc(changed, slices.Compare[row])
	c.rows[table] = changed
	return touched, nil
}

// one does one change, with the parameters of its statement, which must touch as many
// rows as the change expects.
func (c *connection) one(ctx context.Context, change *change) error {
	r := change.relation
	if r == nil {
		return c.command(ctx, change.single.sql())
	}
	expects := one
	touched, err := int64(0), error(nil)
	switch table, t := c.table(r); {
	case change.single != nil:
		if change.single.shape[0] != 'r' {
			return fmt.Errorf("the model knows no statement %q", change.single.shape)
		}
		c.reached["a row that is replaced"]++
		expects = change.single.expect
		touched, err = c.update(ctx, r, change.single.shape[1:], change.single.params)
	case change.kind == stream.Insert:
		touched, err = c.insert(ctx, table, parameters(values(nil, change.row)))
	case change.kind == stream.Delete:
		if at := t.lookUp(c.rows[table], parameters(r.identify(nil, change.old))); at >= 0 {
			touched, err = 1, c.hold(ctx, table, c.rows[table][at])
			c.rows[table] = c.rows[table].without(at)
		}
	default:
		touched, err = c.update(ctx, r, change.mask, r.identify(masked(nil, change.row, change.mask), change.old))
	}
	if err != nil {
		return err
	}
	c.reached["a change by itself"]++
	if !expects.met(touched) {
		return errDiverged
	}
	return nil
}

// update sets the columns that mask marks. The parameters are their values, then
// those by which the row is found.
func (c *connection) update(ctx context.Context, r *relation, mask string, params [][]byte) (touched int64, err error) {
	table, t := c.table(r)
	set := strings.Count(mask, "1")
	values := parameters(params)
	at := t.lookUp(c.rows[table], values[set:])
	if at < 0 {
		return 0, nil
	}
	before := c.rows[table][at]
	if err := c.hold(ctx, table, before); err != nil {
		return 0, err
	}
	changed := slices.Clone(before)
	for column := range changed {
		if mask[column] == '1' {
			changed[column], values = values[0], values[1:]
		}
	}
	c.rows[table] = c.rows[table].without(at)
	return c.insert(ctx, table, changed)
}

// insert puts a row where its key is free, and says how many it has put.
func (c *connection) insert(ctx context.Context, table int, r row) (touched int64, err error) {
	if t := samples[table]; t.key != nil {
		if err := c.hold(ctx, table, r); err != nil {
			return 0, err
		}
		if c.meets(t, c.rows[table], r) {
			return 0, nil
		}
	}
	c.rows[table] = c.rows[table].with(r)
	return 1, nil
}

// meets is that of the sample. While a load is read only the key is unique: other
// indexes are made behind it.
func (c *connection) meets(t *sample, others rows, r row) bool {
	if c.loading {
		return t.find(others, r) >= 0
	}
	return t.meets(others, r)
}

// errAgain is of a statement that has waited: it looks at the rows again.
var errAgain = errors.New("it was locked")

// errWaits: on the source nobody has waited for a transaction that is in progress.
var errWaits = errors.New("it waits for a session that rests")

// hold locks a row, or what no two may have, until the end of the transaction. A batch
// that others are ahead of waits for them.
func (c *connection) hold(ctx context.Context, table int, r row) error {
	taken, whole := c.taken(table, r)
	if c.behind && (whole || taken > 0) {
		c.reached["a wait behind others"]++
		if a, err := c.wait(ctx); a != answered {
			return cmp.Or(err, errGone)
		}
		return errAgain
	}
	switch own, _ := c.locked(table, r, !c.loading); {
	case whole:
		return c.waits("the table", table, r)
	case taken == 0:
	case samples[table].key != nil:
		return c.waits("a row", table, r)
	case taken+own >= c.committed[table].count(r) || c.IntN(2) == 0: // of equal rows it may find the one that is locked
		c.reached["a wait for one of equal rows"]++
		return notYet("%w", errWaits)
	}
	c.lock(table, r)
	return nil
}

// taken is what others have locked, as in view.locked.
func (c *connection) taken(table int, r row) (rows int, whole bool) {
	for _, other := range c.sessions {
		if other != c && other.view != nil {
			n, all := other.locked(table, r, !c.loading)
			rows, whole = rows+n, whole || all
		}
	}
	return rows, whole
}

func (c *connection) waits(what string, table int, r row) error {
	c.fail("%s of %s is locked, and on the source it was not: %q", what, samples[table].name, r)
	return notYet("%w", errWaits)
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

func (c *connection) table(r *relation) (int, *sample) {
	table := int(r.announced.ID - relationID)
	return table, samples[table]
}

var (
	emptied = regexp.MustCompile(`only "public"\."(\w+)"`)
	bound   = regexp.MustCompile(`"(\w+)" (>=|<) '(\d+)'`)
)

// command does what is not of rows: it goes back to a savepoint, or empties tables.
func (c *connection) command(ctx context.Context, sql string) error {
	if name, ok := strings.CutPrefix(sql, "savepoint "); ok {
		c.savepoints = append(c.savepoints, saved{name, c.clone()})
		return nil
	}
	if name, ok := strings.CutPrefix(sql, "rollback to savepoint "); ok {
		at, err := c.savepoint(name)
		if err != nil {
			return err
		}
		c.view, c.savepoints = c.savepoints[at].clone(), c.savepoints[:at+1]
		c.look(c.tables)
		c.reached["a subtransaction that is taken back"]++
		return nil
	}
	if name, ok := strings.CutPrefix(sql, "release savepoint "); ok {
		at, err := c.savepoint(name)
		if err != nil {
			return err
		}
		c.savepoints = c.savepoints[:at]
		return nil
	}
	return c.clear(ctx, sql)
}

// savepoint is the last one of a name.
func (c *connection) savepoint(name string) (at int, err error) {
	for i, s := range slices.Backward(c.savepoints) {
		if s.name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("there is no savepoint %s", name)
}

// clear does a TRUNCATE, or a DELETE of ranges of keys or of all rows.
func (c *connection) clear(ctx context.Context, sql string) error {
	_, where, ranges := strings.Cut(sql, " where ")
	for _, name := range emptied.FindAllStringSubmatch(sql, -1) {
		table := slices.IndexFunc(samples, func(s *sample) bool { return s.name == name[1] })
		left := rows(nil)
		for _, r := range c.rows[table] {
			goes := !ranges || slices.ContainsFunc(strings.Split(where, " or "), func(part string) bool { return samples[table].within(r, part) })
			if !goes {
				left = append(left, r)
			} else if err := c.hold(ctx, table, r); err != nil {
				return err
			}
		}
		c.rows[table] = left
		if ranges {
			c.reached["ranges that are emptied"]++
			continue
		}
		c.reached["a table that is emptied"]++
		if strings.HasPrefix(sql, "delete") {
			continue
		}
		for _, other := range c.sessions {
			if other != c && other.view != nil && other.uses(table) {
				return c.waits("a row", table, nil)
			}
		}
		c.emptied[table] = true
	}
	return nil
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
