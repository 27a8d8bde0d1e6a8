package replay

import (
	"slices"

	"sluice/executor/handoff"
	"sluice/planner"
	"sluice/planner/catalog"
)

// sample is a table. Its columns have other names on the source.
type sample struct {
	name     string
	columns  []string
	key      []int // by which rows are found; nil: by all columns
	identity byte  // the replica identity
	sent     []int // the columns as they are announced; -1: one that stays behind
	always   bool  // the key is GENERATED ALWAYS AS IDENTITY
	untyped  bool  // its changes do not go by the set
	unique   []int // a column of which no two rows have the same value; nil: none
}

// long is the column whose values may be TOASTed: the last one.
func (s *sample) long() int { return len(s.columns) - 1 }

var samples = []*sample{
	{name: "keyed", columns: []string{"id", "state", "note"}, key: []int{0}, identity: 'd', sent: []int{0, 1, 2}},
	{name: "composite", columns: []string{"amount", "part", "whole", "note"}, key: []int{2, 1}, identity: 'd', sent: []int{1, 3, -1, 2, 0}},
	{name: "keyless", columns: []string{"a", "b", "note"}, identity: 'f', sent: []int{0, 1, 2}},
	{name: "always", columns: []string{"id", "state", "note"}, key: []int{0}, identity: 'd', sent: []int{0, 1, 2}, always: true},
	{name: "watched", columns: []string{"id", "state", "note"}, key: []int{0}, identity: 'f', sent: []int{0, 1, 2}, unique: []int{1}},
	{name: "untyped", columns: []string{"note", "id", "state", "long"}, key: []int{1}, identity: 'd', sent: []int{1, 0, 2, 3}, untyped: true},
}

func (s *sample) target() catalog.Name { return catalog.Name{Schema: "public", Local: s.name} }

func (s *sample) table(loaded *handoff.Table) *Table {
	spec := &planner.CopySpec{From: catalog.Name{Schema: "source", Local: s.name}, Left: []planner.LeftColumn{{From: "left"}}}
	for i, name := range s.columns {
		spec.Columns = append(spec.Columns, planner.CopyColumn{Name: name, From: "from " + name, Always: s.always && slices.Contains(s.key, i)})
	}
	for _, i := range s.key {
		spec.Identity = append(spec.Identity, s.columns[i])
	}
	return &Table{Name: s.target(), Copy: spec, Loaded: loaded}
}

// same says whether two rows have one identity.
func (s *sample) same(a, b row) bool {
	if s.key == nil {
		return slices.Equal(a, b)
	}
	for _, i := range s.key {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// identity are the values by which a row is found.
type identity [3]string

func (s *sample) identityOf(r row) (id identity) {
	if s.key == nil {
		copy(id[:], r)
	}
	for n, i := range s.key {
		id[n] = r[i]
	}
	return id
}

// uniqueOf is a value that no other row may have.
func (s *sample) uniqueOf(r row) (id identity, ok bool) {
	if s.unique == nil || r[s.unique[0]] == null {
		return id, false
	}
	return identity{r[s.unique[0]], "unique"}, true
}

// meets says that a row cannot be beside others: one has its key, or its value.
func (s *sample) meets(others rows, r row) bool {
	value, has := s.uniqueOf(r)
	return slices.ContainsFunc(others, func(other row) bool {
		if has {
			if its, ok := s.uniqueOf(other); ok && its == value {
				return true
			}
		}
		return s.key != nil && s.same(r, other)
	})
}

func (s *sample) find(in rows, r row) int {
	return slices.IndexFunc(in, func(other row) bool { return s.same(r, other) })
}

func announcedAs(table int) uint32 { return relationID + uint32(table) }

// announcement is the table's definition.
func (s *sample) announcement(table int) build {
	b := build("R").u32(announcedAs(table)).str("source").str(s.name).byte(s.identity).u16(uint16(len(s.sent)))
	for _, column := range s.sent {
		name, key := "left", byte(0)
		if column >= 0 {
			name = "from " + s.columns[column]
		}
		if s.identity == 'f' || slices.Contains(s.key, column) {
			key = 1
		}
		b = b.byte(key).str(name).u32(25).u32(0xFFFFFFFF)
	}
	return b
}

// uniqueKeys are those of the target. While a load is read it has the key only.
func (s *sample) uniqueKeys(loading bool) unique {
	u := unique{told: true}
	for _, key := range [][]int{s.key, s.unique} {
		own := uniqueKey{}
		for _, i := range key {
			own.columns = append(own.columns, s.columns[i])
		}
		if key != nil {
			u.keys = append(u.keys, own)
		}
		if loading {
			break
		}
	}
	return u
}

// announced is a row in the columns as they are announced.
func (s *sample) announced(r row) row {
	sent := make(row, len(s.sent))
	for i, column := range s.sent {
		if sent[i] = "left"; column >= 0 {
			sent[i] = r[column]
		}
	}
	return sent
}

// old appends by what a server lets a row be found.
func (s *sample) old(b build, r row) build {
	if s.identity == 'f' {
		return b.row('O', s.announced(r)...)
	}
	sent := s.announced(r)
	for i, column := range s.sent {
		if !slices.Contains(s.key, column) {
			sent[i] = null
		}
	}
	return b.row('K', sent...)
}
