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

	params []param
	sql    string
}

// param is a column, or a stamp, that the statement is given.
type param struct {
	column int // index in a row; -1: it is the stamp
	stamp  catalog.Stamp
}

// NewShape prepares the computation for rows with these columns of the source, by
// name, in their order.
func NewShape(spec *planner.CopySpec, columns []string) (*Shape, error) {
	s := &Shape{Where: spec.Where}
	var needed []*planner.Expression
	if spec.Where != nil {
		needed = append(needed, spec.Where)
	}
	for _, c := range spec.Columns {
		if c.Value != nil {
			s.Values, needed = append(s.Values, c.Value), append(needed, c.Value)
		}
	}
	var given []string
	for i, name := range columns {
		if slices.ContainsFunc(needed, func(e *planner.Expression) bool { return slices.Contains(e.Uses, name) }) {
			kind := typeOf(spec, name)
			if kind == "" {
				return nil, fmt.Errorf("column %q of %s is not in the plan", name, spec.From)
			}
			s.params = append(s.params, param{column: i})
			given = append(given, fmt.Sprintf("$%d::%s as %s", len(s.params), kind, catalog.Quote(name)))
		}
	}
	for _, stamp := range catalog.Stamps {
		if slices.ContainsFunc(needed, func(e *planner.Expression) bool { return slices.Contains(e.Stamps, stamp.Stamp) }) {
			s.params = append(s.params, param{column: -1, stamp: stamp.Stamp})
			given = append(given, fmt.Sprintf("$%d::%s as %s", len(s.params), stamp.Type, stamp.Stamp))
		}
	}
	s.sql = "select " + strings.Join(s.results(), ", ") + " from (select " + strings.Join(given, ", ") + ") as " + catalog.RowAlias
	return s, nil
}

// results are the filter, then the values.
func (s *Shape) results() []string {
	list := []string{"true"}
	if s.Where != nil {
		list[0] = "coalesce((" + s.Where.SQL + "\n), false)"
	}
	for _, v := range s.Values {
		list = append(list, v.Cast())
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

// Row is a row of the source. A value that is Unchanged is taken for NULL: what
// reads it is of no use.
type Row struct {
	Values stream.Tuple
	Stamps Stamps
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

func (s *Shape) arguments(row Row) [][]byte {
	list := make([][]byte, len(s.params))
	for i, p := range s.params {
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
