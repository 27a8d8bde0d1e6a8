package replay

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"sluice/executor/handoff"
)

// maker makes a history up.
type maker struct {
	*rand.Rand
	*history
	committed []rows
	made      counts // by what is committed
	*work            // that happens
	underWay  []*lasting
	nextXid   uint32
	long      string // how TOASTed values begin
	spoils    bool   // a row is to be lacking
	plain     bool   // all changes may go by the set
}

// work is what a transaction does before it is committed.
type work struct {
	*view
	counts    counts
	messages  []message
	lack      *lack // that it would be the first to change
	truncates bool
}

// makeHistory makes the history of a seed.
func makeHistory(random *rand.Rand) *history {
	m := &maker{Rand: random, history: &history{partial: random.IntN(4) == 0, taken: map[uint32]bool{}}, committed: make([]rows, len(samples)), long: toasted}
	if m.one(50) { // a change that does not go with others
		m.long = strings.Repeat(toasted, longest/len(toasted)+1)
	}
	n := 1 + m.IntN(25)
	m.plan(n)
	for table, s := range samples {
		for range m.IntN(20) {
			r := m.row(s)
			if all := m.committed[table]; s.key == nil && len(all) > 0 && m.one(2) { // a row may be there twice
				r = all[m.IntN(len(all))]
			}
			if !s.meets(m.committed[table], r) {
				m.committed[table] = m.committed[table].with(r)
			}
		}
	}
	m.spoils = m.one(10)
	m.states, m.history.counts = [][]rows{slices.Clone(m.committed)}, []counts{{}}
	m.plain = m.one(3)
	lasting := !m.plain && m.one(2) || m.one(3)
	for i := range m.transactions {
		if lasting {
			m.meanwhile(i)
		}
		if l := m.due(i); l != nil {
			m.over(l)
			m.commit(i, &l.work)
			continue
		}
		m.work = &work{view: newView(m.committed)}
		size := m.size()
		if i == n/2 && m.one(150) { // more than a job holds
			size = maxJob + 500
		}
		m.changes(size)
		m.commit(i, m.work)
	}
	return m.history
}

// changes makes so many of them, or fewer where others have the rows locked.
func (m *maker) changes(n int) {
	for tries := 0; len(m.messages) < n && tries < 10*n; tries++ {
		m.change()
	}
}

// commit is that of a transaction, by what it has done.
func (m *maker) commit(i int, w *work) {
	x := &m.transactions[i]
	w.look(m.committed)
	m.committed, m.made, x.messages = w.rows, m.made.plus(w.counts), w.messages
	m.states, m.history.counts = append(m.states, slices.Clone(m.committed)), append(m.history.counts, m.made)
	e := event{lsn: x.final, commit: i}
	if x.lasts {
		e.lasting = x.xid
	}
	m.wal = append(m.wal, e)
	if m.spoils && w.lack != nil {
		m.lacks = w.lack
		m.lacks.transaction = i
	}
	m.spoils = m.spoils && w.lack == nil && !w.truncates
}

func (m *maker) one(in int) bool { return m.IntN(in) == 0 }

// Sizes at which rows meet each other often.
const (
	keys         = 40
	maxRows      = 40
	uniqueValues = 10
)

func (m *maker) row(s *sample) row {
	r := make(row, len(s.columns))
	for i := range r {
		r[i] = m.value(s, i)
	}
	return r
}

func (m *maker) value(s *sample, column int) string {
	switch {
	case slices.Contains(s.key, column):
		return strconv.Itoa(m.IntN(keys))
	case slices.Contains(s.unique, column):
		return strconv.Itoa(m.IntN(uniqueValues))
	case column == s.long() && !m.one(4):
		return m.long + strconv.Itoa(m.IntN(1000))
	}
	return []string{null, "", "a", "b", strconv.Itoa(m.IntN(1000))}[m.IntN(5)]
}

// toasted begins the values that an update does not send where it leaves them alone.
const toasted = "long and "

// size is how many changes a transaction has.
func (m *maker) size() int {
	switch n := m.IntN(10); {
	case n == 0:
		return 0
	case n < 4:
		return 1
	case n < 8:
		return 1 + m.IntN(8)
	}
	return 1 + m.IntN(40)
}

// plan lays the transactions out: commit records may follow each other at once, and
// ids are not given in the order of commits.
func (m *maker) plan(n int) {
	first := []uint64{1000, 1<<32 - 10, 5<<32 + 100}[m.IntN(3)]
	lsn, at := uint64(0x1000), uint64(0)
	m.transactions = make([]transaction, n)
	for i := range m.transactions {
		x := &m.transactions[i]
		if !m.one(3) {
			lsn += m.Uint64N(500)
		}
		x.xid, x.final, x.end, x.at = uint32(first)+uint32(i), lsn, lsn+8+m.Uint64N(40), at
		lsn = x.end
		at += m.Uint64N(30_000)
	}
	for i := 1; i < n; i++ {
		if other := max(0, i-m.IntN(4)); !m.one(2) {
			a, b := &m.transactions[i], &m.transactions[other]
			a.xid, b.xid = b.xid, a.xid
		}
	}
	m.end, m.nextXid = lsn+m.Uint64N(1000), uint32(first)+uint32(n)
	m.loads = make([]*load, len(samples))
	if m.one(2) {
		return
	}
	m.converged = m.IntN(n + 1)
	for i, s := range samples {
		if m.one(2) {
			m.loads[i] = m.chunks(s, first)
		}
	}
}

// chunks cuts a table into ranges of keys where it has a key, each read at its time.
func (m *maker) chunks(s *sample, first uint64) *load {
	l := &load{column: -1}
	if s.key != nil && !m.one(4) {
		l.column = s.key[0]
		for range m.IntN(4) {
			l.cuts = append(l.cuts, m.IntN(keys))
		}
		slices.Sort(l.cuts)
		l.cuts = slices.Compact(l.cuts)
	}
	var ranges []handoff.Range
	var low *string
	for i := range len(l.cuts) + 1 {
		read := m.IntN(m.converged + 1)
		l.read = append(l.read, read)
		r := handoff.Range{Low: low, Snapshot: m.snapshot(first, read)}
		if i < len(l.cuts) {
			key := strconv.Itoa(l.cuts[i])
			r.High = &key
		}
		low = r.High
		ranges = append(ranges, r)
	}
	column, order := "", handoff.Order(nil)
	if l.column >= 0 {
		column = s.columns[l.column]
		order, _ = handoff.OrderOf("integer")
	}
	var err error
	if l.table, err = handoff.NewTable(column, order, ranges); err != nil {
		panic(err)
	}
	return l
}

// snapshot sees so many transactions and none of those behind them.
func (m *maker) snapshot(first uint64, seen int) handoff.Snapshot {
	wide := func(xid uint32) uint64 { return first + uint64(xid-uint32(first)) }
	s := handoff.Snapshot{Xmin: first, Xmax: first}
	for _, x := range m.transactions[:seen] {
		s.Xmax = max(s.Xmax, wide(x.xid)+1)
	}
	for _, x := range m.transactions[seen:] {
		if xid := wide(x.xid); xid < s.Xmax {
			s.Xip = append(s.Xip, xid)
		}
	}
	slices.Sort(s.Xip)
	if s.Xmin = s.Xmax; len(s.Xip) > 0 {
		s.Xmin = s.Xip[0]
	}
	return s
}

// change does what may happen to rows: some of it takes several changes.
func (m *maker) change() {
	table, n := m.IntN(len(samples)), m.IntN(100)
	s, all := samples[table], m.rows[table]
	if m.plain && (s.key == nil || s.untyped || n >= 60 && n < 72 || n >= 97) {
		return
	}
	if len(all) == 0 || n < 25 && len(all) < maxRows {
		if r, free := m.free(table); free {
			m.insert(table, r)
		}
		return
	}
	r := all[m.IntN(len(all))]
	if m.locked(table, r) {
		return
	}
	switch {
	case n < 55:
		m.update(table, r, m.changed(s, r))
	case n < 60: // again and again
		for range 2 + m.IntN(3) {
			r = m.update(table, r, m.changed(s, r))
		}
	case n < 68:
		if other, free := m.free(table); free {
			m.update(table, r, m.rekeyed(s, r, other))
		}
	case n < 72:
		if other := all[m.IntN(len(all))]; !m.locked(table, other) {
			m.swap(table, r, other)
		}
	case n < 82:
		m.delete(table, r)
	case n < 92: // the key comes again
		m.delete(table, r)
		m.insert(table, m.rekeyed(s, m.row(s), r))
	case n < 97:
		if other, free := m.free(table); free {
			m.delete(table, m.insert(table, other))
		}
	default:
		m.truncate(table)
	}
}

// free is a row that may come: nobody has its key.
func (m *maker) free(table int) (row, bool) {
	s := samples[table]
	if all := m.rows[table]; s.key == nil && len(all) > 0 && m.one(3) { // a row may come twice
		r := all[m.IntN(len(all))]
		return r, !m.locked(table, r)
	}
	for range 5 {
		if r := m.row(s); !m.locked(table, r) && (s.key == nil || s.find(m.rows[table], r) < 0) {
			return r, true
		}
	}
	return nil, false
}

// changed is a row with other values under its key.
func (m *maker) changed(s *sample, r row) row {
	changed := slices.Clone(r)
	for i := range r {
		if m.one(2) && !slices.Contains(s.key, i) {
			changed[i] = m.value(s, i)
		}
	}
	return changed
}

// rekeyed is a row under the key of another.
func (m *maker) rekeyed(s *sample, r, other row) row {
	rekeyed := slices.Clone(r)
	for _, i := range s.key {
		rekeyed[i] = other[i]
	}
	return rekeyed
}

// swap gives two rows each other's key, by way of a third.
func (m *maker) swap(table int, a, b row) {
	s := samples[table]
	between, free := m.free(table)
	if s.key == nil || s.same(a, b) || !free {
		return
	}
	aside := m.rekeyed(s, a, between)
	m.update(table, a, aside)
	m.update(table, b, m.rekeyed(s, b, a))
	m.update(table, aside, m.rekeyed(s, aside, b))
}

func (m *maker) send(data build, tables ...int) {
	m.messages = append(m.messages, message{tables: tables, data: data})
}

// insert gives the row that it has put there.
func (m *maker) insert(table int, r row) row {
	s := samples[table]
	r = m.fit(table, r, nil)
	m.put(table, r)
	m.work.counts.inserts++
	m.send(build("I").u32(announcedAs(table)).row('N', s.announced(r)...), table)
	return r
}

// fit takes the value from a row that another one has, or has had in a transaction that
// is not over: it is as it was then.
func (m *maker) fit(table int, r, before row) row {
	s := samples[table]
	_, has := s.uniqueOf(r)
	others := m.rows[table]
	if before != nil {
		others = others.without(s.find(others, before))
	}
	if !has || !s.meets(others, r) && !m.locked(table, r) {
		return r
	}
	r = slices.Clone(r)
	r[s.unique[0]] = null
	if before != nil {
		r[s.unique[0]] = before[s.unique[0]]
	}
	return r
}

func (m *maker) delete(table int, r row) {
	s := samples[table]
	m.touch(table, r)
	m.take(table, s.find(m.rows[table], r))
	m.work.counts.deletes++
	m.send(s.old(build("D").u32(announcedAs(table)), r), table)
}

// update gives the row that it has made of another.
func (m *maker) update(table int, from, to row) row {
	s := samples[table]
	to = m.fit(table, to, from)
	m.touch(table, from)
	m.take(table, s.find(m.rows[table], from))
	m.put(table, to)
	m.work.counts.updates++
	data := build("U").u32(announcedAs(table))
	moved := !s.same(from, to)
	if moved || s.identity == 'f' {
		data = s.old(data, from)
	}
	sent := slices.Clone(to)
	// A row that goes from a range that was read with it to one without is completed
	// on the source, which takes a server: executor/changes_chunks_test.go.
	apart := moved && m.loads[table] != nil && len(m.loads[table].read) > 1
	if i := s.long(); from[i] == to[i] && strings.HasPrefix(to[i], toasted) && !apart {
		sent[i] = unsent
	}
	m.send(data.row('N', s.announced(sent)...), table)
	return to
}

func (m *maker) truncate(table int) {
	tables := []int{table}
	if other := m.IntN(len(samples)); other != table {
		tables = append(tables, other)
	}
	for _, l := range m.underWay {
		if &l.work != m.work && slices.ContainsFunc(tables, l.uses) {
			return
		}
	}
	m.work.counts.truncates++
	data := build("T").u32(uint32(len(tables))).byte(byte(m.IntN(2)) << 1)
	for _, table := range tables {
		m.empty(table)
		data = data.u32(announcedAs(table))
	}
	m.truncates = true // a row that looks like one of before would be another
	m.send(data, tables...)
}

// touch notes the first change of a row that was there from the beginning.
func (m *maker) touch(table int, r row) {
	if !m.spoils || m.lack != nil || m.truncates || m.loads[table] != nil || samples[table].key == nil {
		return
	}
	first := m.states[0][table]
	if at := samples[table].find(first, r); at >= 0 {
		m.lack = &lack{table: table, row: first[at]}
	}
}
