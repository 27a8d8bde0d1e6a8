package replay

import "slices"

// lasting is a transaction that goes on while others are committed.
type lasting struct {
	work
	xid        uint32
	commits    int // as which transaction; -1: it does not
	ends       int // before which commit it is rolled back, if it is
	savepoints []inner
	released   []uint32 // its subtransactions that are neither open nor rolled back
	logged     int      // messages that are in the WAL
}

// inner is a subtransaction, from its savepoint on.
type inner struct {
	before   work
	xid      uint32   // 0: it has changed nothing
	released []uint32 // as in lasting
}

// Limits of what goes on at once.
const (
	maxLasting    = 3
	maxSavepoints = 4
)

// meanwhile is what such transactions do before a commit.
func (m *maker) meanwhile(i int) {
	if len(m.underWay) < maxLasting && m.one(2) {
		m.begin(i)
	}
	for _, l := range slices.Clone(m.underWay) {
		if m.one(2) {
			m.goOn(l)
		}
		if l.commits < 0 && l.ends == i {
			m.rollBack(l)
		}
	}
}

// begin begins one that is to be the i-th that is committed, or one behind that, or
// none.
func (m *maker) begin(i int) {
	l := &lasting{work: work{view: newView(m.committed)}, commits: i + m.IntN(6), ends: i + m.IntN(6)}
	if l.commits >= len(m.transactions) || m.one(4) || m.due(l.commits) != nil || m.transactions[l.commits].xid < firstNormal {
		l.commits, l.xid = -1, m.newXid()
	} else {
		x := &m.transactions[l.commits]
		l.xid, x.lasts = x.xid, true
	}
	m.underWay = append(m.underWay, l)
}

// firstNormal is the first xid that a server gives.
const firstNormal = 3

func (m *maker) newXid() uint32 {
	m.nextXid = max(m.nextXid+1, firstNormal)
	return m.nextXid
}

// due is the one to be committed as the i-th; nil: none.
func (m *maker) due(i int) *lasting {
	at := slices.IndexFunc(m.underWay, func(l *lasting) bool { return l.commits == i })
	if at < 0 {
		return nil
	}
	return m.underWay[at]
}

// goOn does a part of it.
func (m *maker) goOn(l *lasting) {
	l.look(m.committed)
	m.work = &l.work
	for range 1 + m.IntN(8) {
		switch n := m.IntN(10); {
		case n == 0 && len(l.savepoints) < maxSavepoints:
			before := l.work
			before.view, before.messages = l.clone(), slices.Clip(l.messages)
			l.savepoints = append(l.savepoints, inner{before: before})
		case n == 1 && len(l.savepoints) > 0:
			l.release()
		case n == 2 && len(l.savepoints) > 0:
			m.rollBackTo(l, m.IntN(len(l.savepoints)))
		default:
			m.change()
			m.number(l)
		}
	}
	m.log(l)
}

// number gives new messages the xid of their subtransaction, which gets one with its
// first change, those around it before it.
func (m *maker) number(l *lasting) {
	for i := range l.messages {
		if l.messages[i].xid != 0 {
			continue
		}
		l.messages[i].xid = l.xid
		for n := range l.savepoints {
			s := &l.savepoints[n]
			if s.xid == 0 {
				s.xid = m.newXid()
			}
			l.messages[i].xid = s.xid
		}
	}
}

// log puts what it has done into the WAL.
func (m *maker) log(l *lasting, taken ...uint32) {
	e := event{lsn: m.now(), commit: -1, lasting: l.xid, messages: slices.Clip(l.messages[l.logged:]), taken: taken}
	l.logged = len(l.messages)
	if len(e.messages)+len(taken) > 0 {
		m.wal = append(m.wal, e)
	}
	for _, xid := range taken {
		m.taken[xid] = true
	}
}

// now is where the WAL is behind the last commit.
func (m *maker) now() uint64 {
	if done := len(m.states) - 1; done > 0 {
		return m.transactions[done-1].end
	}
	return 0
}

// release lets the last savepoint go.
func (l *lasting) release() {
	last := l.savepoints[len(l.savepoints)-1]
	l.savepoints = l.savepoints[:len(l.savepoints)-1]
	into := &l.released
	if len(l.savepoints) > 0 {
		into = &l.savepoints[len(l.savepoints)-1].released
	}
	if last.xid != 0 {
		*into = append(*into, last.xid)
	}
	*into = append(*into, last.released...)
}

// undone are the subtransactions that are open from the i-th on, from the last to the
// first, each behind those that were released within it.
func (l *lasting) undone(i int) (xids []uint32) {
	for _, s := range slices.Backward(l.savepoints[i:]) {
		xids = append(xids, slices.Sorted(slices.Values(s.released))...)
		if s.xid != 0 {
			xids = append(xids, s.xid)
		}
	}
	return xids
}

// rollBackTo goes back to a savepoint, which stays.
func (m *maker) rollBackTo(l *lasting, i int) {
	m.log(l)
	m.log(l, l.undone(i)...)
	before := l.savepoints[i].before
	l.savepoints = append(l.savepoints[:i], inner{before: before})
	l.work = before
	l.view, l.logged = before.clone(), len(l.messages)
	l.look(m.committed)
}

// rollBack is the end of it without a commit.
func (m *maker) rollBack(l *lasting) {
	m.log(l)
	xids := append(l.undone(0), slices.Sorted(slices.Values(l.released))...)
	m.log(l, append(xids, l.xid)...)
	m.over(l)
}

func (m *maker) over(l *lasting) {
	m.underWay = slices.DeleteFunc(m.underWay, func(other *lasting) bool { return other == l })
}

// locked says that another transaction has the row, or its key, until it ends. Of
// equal rows without a key there may be one that it does not have.
func (m *maker) locked(table int, r row) bool {
	taken := 0
	for _, l := range m.underWay {
		if &l.work == m.work {
			continue
		}
		n, all := l.view.locked(table, r, true)
		if all {
			return true
		}
		taken += n
	}
	own, _ := m.view.locked(table, r, true)
	return taken > 0 && (samples[table].key != nil || taken+own >= m.committed[table].count(r))
}

func (all rows) count(r row) (n int) {
	for _, other := range all {
		if slices.Equal(r, other) {
			n++
		}
	}
	return n
}
