package replay

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// What a run of changes comes to is applied by a few statements, each for many
// rows: the server does for each statement as much as for a row.
//
//	savepoint
//	for each table: the rows that go, then those that change, then those that come
//	release
//
// A row that changes often is written once. Within a run the order of rows does not
// matter: triggers and foreign keys do not fire, and what is unique is checked
// against rows that went before. Where it does matter (two rows that change places
// in a unique index), where a statement is refused, or where it touches another
// number of rows than there are: back to the savepoint, and the changes go one by
// one in the source's order, which is right, or says which row is wrong.

// leastSet is from how many changes on a run is worth a savepoint, leastCopy from how
// many rows on a COPY is worth that it goes by itself.
const (
	leastSet  = 16
	leastCopy = 100
)

// net is what a run comes to for one row.
type net struct {
	key    stream.Tuple // has its identity
	there  bool         // it is on the target before
	gone   bool         // and goes
	row    stream.Tuple // its values after; nil: there is none, or it stays
	mask   string       // the columns of row to set, where it stays
	copied bool         // row is ours alone
	next   int32        // another row whose key has the same hash; -1: none
}

// add takes in a change. It says false where the change cannot follow those before
// it: whoever applies them one by one will say what is wrong.
func (n *net) add(c *change, first bool) bool {
	if first {
		n.key, n.there = c.old, c.kind != stream.Insert
	}
	exists := n.row != nil || n.there && !n.gone
	switch c.kind {
	case stream.Insert:
		if exists {
			return false
		}
		n.row, n.mask, n.copied = c.row, "", false
	case stream.Delete:
		if !exists {
			return false
		}
		n.row, n.gone = nil, n.there
	case stream.Update:
		switch {
		case !exists:
			return false
		case n.row == nil:
			n.row, n.mask, n.copied = c.row, c.mask, false
		default:
			n.merge(c)
		}
	}
	return true
}

// merge sets what an update sends over what is known of the row.
func (n *net) merge(c *change) {
	if !n.copied {
		n.row, n.copied = slices.Clone(n.row), true
	}
	whole := n.inserted()
	var mask []byte
	for i := range c.mask {
		if c.mask[i] == '1' {
			n.row[i] = c.row[i]
			if !whole && n.mask[i] != '1' {
				if mask == nil {
					mask = []byte(n.mask)
				}
				mask[i] = '1'
			}
		}
	}
	if mask != nil {
		n.mask = string(mask)
	}
}

// inserted says that the row is put there anew.
func (n *net) inserted() bool { return n.row != nil && (n.gone || !n.there) }

// nets is what a run comes to for one table.
type nets struct {
	relation *relation
	inserts  int // of its changes
	changes  []*change
	rows     []net
	first    map[uint64]int32 // by the hash of a key: one of its rows
}

// setsOf is what a run comes to.
func setsOf(run []*change) (sets []set, ok bool) {
	tables := map[*relation]*nets{}
	var order []*nets
	for _, c := range run {
		table := tables[c.relation]
		if table == nil {
			table = &nets{relation: c.relation}
			tables[c.relation] = table
			order = append(order, table)
		}
		table.changes = append(table.changes, c)
		if c.kind == stream.Insert {
			table.inserts++
		}
	}
	for _, table := range order {
		if table.inserts == len(table.changes) { // each is a row of its own
			sets = append(sets, table.come())
			continue
		}
		if !table.net() {
			return nil, false
		}
		sets = append(sets, table.sets()...)
	}
	return sets, true
}

// come is the statement for rows that come, and nothing else does.
func (s *nets) come() set {
	come := set{relation: s.relation, shape: "+", sql: s.relation.insertions, columns: s.relation.all()}
	come.rows = make([]stream.Tuple, len(s.changes))
	for i, c := range s.changes {
		come.rows[i] = c.row
	}
	return come
}

// seed is of the hashes of keys.
var seed = maphash.MakeSeed()

// net finds what the changes come to, row by row.
func (s *nets) net() bool {
	s.rows = make([]net, 0, len(s.changes))
	s.first = make(map[uint64]int32, len(s.changes))
	for _, c := range s.changes {
		hash := s.hash(c.old)
		at, known := s.first[hash]
		if !known {
			at = -1
		}
		i := at
		for i >= 0 && !s.relation.same(s.rows[i].key, c.old) {
			i = s.rows[i].next
		}
		found := i >= 0
		if !found {
			i = int32(len(s.rows))
			s.rows = append(s.rows, net{next: at})
			s.first[hash] = i
		}
		if !s.rows[i].add(c, !found) {
			return false
		}
	}
	return true
}

func (s *nets) hash(row stream.Tuple) (hash uint64) {
	for _, i := range s.relation.identity {
		hash = hash*31 + maphash.Bytes(seed, row[i].Text)
	}
	return hash
}

// same says whether two rows have one identity.
func (r *relation) same(a, b stream.Tuple) bool {
	for _, i := range r.identity {
		if !bytes.Equal(a[i].Text, b[i].Text) {
			return false
		}
	}
	return true
}

// set is a statement for many rows.
type set struct {
	relation *relation
	shape    string
	sql      func() string
	columns  []int
	rows     []stream.Tuple
	keys     []stream.Tuple // nil: none
}

// sets are the statements for a table, in their order.
func (s *nets) sets() (sets []set) {
	r := s.relation
	gone := set{relation: r, shape: "-", sql: r.deletions}
	come := set{relation: r, shape: "+", sql: r.insertions, columns: r.all()}
	var changed []set
	byMask := map[string]int{}
	for i := range s.rows {
		n := &s.rows[i]
		if n.gone {
			gone.keys = append(gone.keys, n.key)
		}
		switch {
		case n.inserted():
			come.rows = append(come.rows, n.row)
		case n.row != nil:
			at, known := byMask[n.mask]
			if !known {
				at = len(changed)
				byMask[n.mask] = at
				columns := r.setBy(n.mask)
				changed = append(changed, set{relation: r, shape: "*" + n.mask, columns: columns, sql: func() string { return r.modifications(columns) }})
			}
			changed[at].rows, changed[at].keys = append(changed[at].rows, n.row), append(changed[at].keys, n.key)
		}
	}
	for _, set := range slices.Concat([]set{gone}, changed, []set{come}) {
		if len(set.rows)+len(set.keys) > 0 {
			sets = append(sets, set)
		}
	}
	return sets
}

// copied says that the rows go by COPY.
func (s *set) copied() bool { return s.shape == "+" && len(s.rows) >= leastCopy }

// copying is the statement that takes text.
// https://www.postgresql.org/docs/current/sql-copy.html
func (r *relation) copying() string {
	return fmt.Sprintf("copy %s (%s) from stdin", r.Name.SQL(), r.list(""))
}

// text is what COPY takes.
func (s *set) text() []byte {
	size := 0
	for _, row := range s.rows {
		for _, v := range row {
			size += len(v.Text) + 2
		}
	}
	text := make([]byte, 0, size+size/8)
	for _, row := range s.rows {
		for i, v := range row {
			if i > 0 {
				text = append(text, '\t')
			}
			if v.Kind == stream.Null {
				text = append(text, `\N`...)
				continue
			}
			text = appendCopied(text, v.Text)
		}
		text = append(text, '\n')
	}
	return text
}

// appendCopied appends a value as COPY reads it.
func appendCopied(text, value []byte) []byte {
	for _, b := range value {
		switch b {
		case '\\':
			text = append(text, `\\`...)
		case '\n':
			text = append(text, `\n`...)
		case '\r':
			text = append(text, `\r`...)
		case '\t':
			text = append(text, `\t`...)
		default:
			text = append(text, b)
		}
	}
	return text
}

// count is how many rows the statement has to touch.
func (s *set) count() int64 { return int64(max(len(s.rows), len(s.keys))) }

// params are arrays: of each column's values, then of each identity column's.
func (s *set) params() [][]byte {
	var params [][]byte
	for _, column := range s.columns {
		params = append(params, array(s.rows, column))
	}
	if s.keys != nil {
		for _, column := range s.relation.identity {
			params = append(params, array(s.keys, column))
		}
	}
	return params
}

// array is a column of rows as an array's text.
// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
func array(rows []stream.Tuple, column int) []byte {
	size := 2
	for _, row := range rows {
		size += len(row[column].Text) + 3
	}
	text := append(make([]byte, 0, size+size/8), '{')
	for i, row := range rows {
		if i > 0 {
			text = append(text, ',')
		}
		if row[column].Kind == stream.Null {
			text = append(text, "NULL"...)
			continue
		}
		text = append(text, '"')
		for _, b := range row[column].Text {
			if b == '"' || b == '\\' {
				text = append(text, '\\')
			}
			text = append(text, b)
		}
		text = append(text, '"')
	}
	return append(text, '}')
}

// bySet says whether changes of the relation may be applied by the set: nobody else
// wrote any of its rows, nothing on the target acts for each, and arrays of its
// columns' types can be made. Without a key that goes for rows that come.
func (r *relation) bySet() bool {
	return r.Copy.Existing == nil && !r.acts && len(r.types) > 0 &&
		!slices.ContainsFunc(r.types, func(t columnType) bool { return !t.inArrays() })
}

// all are the indexes of all columns.
func (r *relation) all() []int {
	columns := make([]int, len(r.def.Columns))
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// sets says that an update with this mask sets a column that is not of the identity:
// those are as they were.
func (r *relation) sets(mask string) bool {
	for i := range mask {
		if mask[i] == '1' && !slices.Contains(r.identity, i) {
			return true
		}
	}
	return false
}

// setBy are the columns that an update with this mask sets, but those of the identity.
func (r *relation) setBy(mask string) (columns []int) {
	for i := range mask {
		if mask[i] == '1' && !slices.Contains(r.identity, i) {
			columns = append(columns, i)
		}
	}
	return columns
}

func (r *relation) insertions() string {
	values := make([]string, len(r.def.Columns))
	for i := range values {
		values[i] = r.types[i].value(fmt.Sprintf("new.c%d", i+1))
	}
	return fmt.Sprintf("insert into %s (%s) overriding system value select %s from %s as new(%s)",
		r.Name.SQL(), r.list(""), strings.Join(values, ", "), r.unnest(r.all()), columnNames(len(values)))
}

func (r *relation) deletions() string {
	return fmt.Sprintf("delete from %s as t using %s as old(%s) where %s",
		r.only(), r.unnest(r.identity), columnNames(len(r.identity)), r.joined("old", 0))
}

func (r *relation) modifications(columns []int) string {
	sets := make([]string, len(columns))
	for n, i := range columns {
		sets[n] = catalog.Quote(r.def.Columns[i].Name) + " = " + r.types[i].value(fmt.Sprintf("new.c%d", n+1))
	}
	return fmt.Sprintf("update %s as t set %s from %s as new(%s) where %s",
		r.only(), strings.Join(sets, ", "), r.unnest(slices.Concat(columns, r.identity)), columnNames(len(columns)+len(r.identity)),
		r.joined("new", len(columns)))
}

// joined is the condition that a row of the table has the identity of one of from,
// whose columns of it come after the first ones.
func (r *relation) joined(from string, first int) string {
	conditions := make([]string, len(r.identity))
	for n, i := range r.identity {
		conditions[n] = r.types[i].is("t."+catalog.Quote(r.def.Columns[i].Name), r.types[i].value(fmt.Sprintf("%s.c%d", from, first+n+1)))
	}
	return strings.Join(conditions, " and ")
}

// unnest makes rows of the parameters, an array for each column.
func (r *relation) unnest(columns []int) string {
	arrays := make([]string, len(columns))
	for n, i := range columns {
		arrays[n] = fmt.Sprintf("$%d::%s", n+1, r.types[i].parameter())
	}
	return "unnest(" + strings.Join(arrays, ", ") + ")"
}

func columnNames(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "c" + strconv.Itoa(i+1)
	}
	return strings.Join(list, ", ")
}
