package transform

import (
	"fmt"
	"slices"
	"strings"

	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Shape is what is computed for the rows of one table.
type Shape struct {
	Where  *planner.Expression   // nil: every row is kept
	Values []*planner.Expression // in the order of Result.Values

	columns    []column
	finding    []bool // of Values: a row is found by it, also one that no longer passes
	statements map[string]*statement
}

// column is a column of the rows.
type column struct {
	name, kind string // kind: its type as the load compares it, with its collation
}

// statement computes what can be computed of a row.
type statement struct {
	sql    string
	params []param
}

// param is a column, or a stamp, that a statement is given.
type param struct {
	column int // index in a row; -1: it is the stamp
	stamp  catalog.Stamp
}

// NewShape prepares the computation for rows with these columns of the source, by
// name, in their order.
func NewShape(spec *planner.CopySpec, columns []string) (*Shape, error) {
	s := &Shape{Where: spec.Where, statements: map[string]*statement{}}
	for _, c := range spec.Columns {
		if c.Value != nil {
			s.Values = append(s.Values, c.Value)
			s.finding = append(s.finding, slices.Contains(spec.Identity, c.Name) && !spec.KnowsBefore(false))
		}
	}
	for _, name := range columns {
		kind := typeOf(spec, name)
		if kind == "" && slices.ContainsFunc(slices.Concat(s.Values, []*planner.Expression{s.Where}), func(e *planner.Expression) bool { return e != nil && slices.Contains(e.Uses, name) }) {
			return nil, fmt.Errorf("column %q of %s is not in the plan", name, spec.From)
		}
		s.columns = append(s.columns, column{name, kind})
	}
	return s, nil
}

// Missing counts the columns an expression reads whose values were not sent.
func (s *Shape) Missing(row stream.Tuple, e *planner.Expression) (n int) {
	for i, v := range row {
		if v.Kind == stream.Unchanged && slices.Contains(e.Uses, s.columns[i].name) {
			n++
		}
	}
	return n
}

// statement is the one for a row with what this one has.
func (s *Shape) statement(row Row) *statement {
	passes := s.Where != nil && s.Missing(row.Values, s.Where) == 0
	var known []*planner.Expression
	mask := fmt.Appendf(nil, "%t %t", row.Find, passes)
	if passes {
		known = append(known, s.Where)
	}
	for i, v := range s.Values {
		if s.Missing(row.Values, v) == 0 && (s.Where == nil || passes || s.finding[i]) {
			known, mask = append(known, v), fmt.Appendf(mask, " %d", i)
		}
	}
	st := s.statements[string(mask)]
	if st == nil {
		st = s.make(known, row.Find)
		s.statements[string(mask)] = st
	}
	return st
}

// make writes a statement. OFFSET keeps the planner from computing what is behind
// the filter with the parameters in the place of the columns, before it is looked at.
func (s *Shape) make(known []*planner.Expression, find bool) *statement {
	st := &statement{}
	var given []string
	give := func(p param, kind, name string) {
		st.params = append(st.params, p)
		given = append(given, fmt.Sprintf("$%d::%s as %s", len(st.params), kind, catalog.Quote(name)))
	}
	for i, c := range s.columns {
		if slices.ContainsFunc(known, func(e *planner.Expression) bool { return slices.Contains(e.Uses, c.name) }) {
			give(param{column: i}, c.kind, c.name)
		}
	}
	for _, stamp := range catalog.Stamps {
		if slices.ContainsFunc(known, func(e *planner.Expression) bool { return slices.Contains(e.Stamps, stamp.Stamp) }) {
			give(param{column: -1, stamp: stamp.Stamp}, stamp.Type, string(stamp.Stamp))
		}
	}
	st.sql = "select " + strings.Join(s.results(known, find), ", ") + " from (select " + strings.Join(given, ", ") + " offset 0) as " + catalog.RowAlias
	return st
}

// results are the filter, then the values; NULL stands for what is not known.
func (s *Shape) results(known []*planner.Expression, find bool) []string {
	passes := "true"
	if s.Where != nil {
		passes = "null"
		if slices.Contains(known, s.Where) {
			passes = "coalesce((" + s.Where.SQL + "\n), false)"
		}
	}
	list := []string{passes}
	for i, v := range s.Values {
		value := v.Cast()
		if find {
			value = v.Kept()
		}
		switch {
		case !slices.Contains(known, v):
			value = "null"
		case s.Where != nil && !s.finding[i]:
			value = "case when " + passes + " then " + value + " end"
		}
		list = append(list, value)
	}
	return list
}

// typeOf is the type of a column of the source, with its collation: as the load
// compares it.
func typeOf(spec *planner.CopySpec, name string) string {
	kind, collation := "", ""
	for _, c := range spec.Columns {
		if c.From == name {
			kind, collation = c.Type, c.Collation
		}
	}
	for _, c := range spec.Left {
		if c.From == name {
			kind, collation = c.Type, c.Collation
		}
	}
	if collation != "" {
		kind += " collate " + collation
	}
	return kind
}

// Row is a row of the source. Of one with values that are Unchanged, nothing is
// computed that reads them.
type Row struct {
	Values stream.Tuple
	Stamps Stamps
	// Find: the target's row is to be found by the values, so they are as it keeps
	// them: rounded and padded to the column's type. They are no values to write,
	// since they would be cut off silently, too.
	Find bool
}

// Stamps are what comes with a change.
type Stamps struct {
	Op         string // insert, update
	CommitTime string // as the server reads a timestamptz
	LSN        string
}

func (s Stamps) value(stamp catalog.Stamp) []byte {
	switch stamp {
	case catalog.StampOp:
		return []byte(s.Op)
	case catalog.StampCommitTime:
		return []byte(s.CommitTime)
	}
	return []byte(s.LSN)
}

func (st *statement) arguments(row Row) [][]byte {
	list := make([][]byte, len(st.params))
	for i, p := range st.params {
		if p.column < 0 {
			list[i] = row.Stamps.value(p.stamp)
		} else {
			list[i] = argument(row.Values[p.column])
		}
	}
	return list
}

// argument is a value as the wire takes it: nil is NULL, so an empty text is not.
func argument(v stream.Value) []byte {
	switch {
	case v.Kind != stream.Text:
		return nil
	case v.Text == nil:
		return []byte{}
	}
	return v.Text
}
