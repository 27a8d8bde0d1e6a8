package replay

import (
	"fmt"
	"slices"

	"sluice/executor/handoff"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Table is a table that is followed.
type Table struct {
	Name catalog.Name // on the target
	Copy *planner.CopySpec
	// Loaded tells which changes the load has read; nil: none of those that are
	// still to come.
	Loaded *handoff.Table
}

// relation is a table as the stream announces it, with its statements.
type relation struct {
	*Table
	announced stream.RelationDef
	def       stream.RelationDef // announced, with the target's names
	identity  []int              // columns by which a row is found; nil: all of them
	chunkKey  int                // the column whose ranges were loaded; -1: none
	always    []int              // GENERATED ALWAYS AS IDENTITY columns
	prepared  map[string]*statement
}

// DriftError says that a table of the source has other columns than the plan.
type DriftError struct {
	Table  catalog.Name
	Detail string
}

func (e *DriftError) Error() string {
	return fmt.Sprintf("%s has changed on the source: %s; nothing after this point of the changes is applied", e.Table, e.Detail)
}

func newRelation(t *Table, def stream.RelationDef) (*relation, error) {
	r := &relation{Table: t, announced: def, def: def, chunkKey: -1, prepared: map[string]*statement{}}
	if err := r.match(); err != nil {
		return nil, err
	}
	r.def.Columns = r.onTarget()
	for _, name := range t.Copy.Identity {
		i := r.index(name)
		if i < 0 {
			return nil, &DriftError{t.Name, fmt.Sprintf("its replica identity has no column %q any more", name)}
		}
		r.identity = append(r.identity, i)
	}
	if r.identity != nil && def.Identity != 'f' {
		for _, i := range r.identity {
			if !def.Columns[i].Key {
				return nil, &DriftError{t.Name, fmt.Sprintf("column %q is not in its replica identity any more", def.Columns[i].Name)}
			}
		}
	}
	if t.Loaded != nil && t.Loaded.ByKey() {
		r.chunkKey = r.index(t.Loaded.Key)
	}
	return r, nil
}

// match checks the columns against the plan's, by their names on the source.
func (r *relation) match() error {
	for _, c := range r.def.Columns {
		i := slices.IndexFunc(r.Copy.Columns, func(p planner.CopyColumn) bool { return p.From == c.Name })
		if i < 0 {
			return &DriftError{r.Name, fmt.Sprintf("column %q is new", c.Name)}
		}
		if r.Copy.Columns[i].Always {
			r.always = append(r.always, r.index(c.Name))
		}
	}
	for _, p := range r.Copy.Columns {
		if r.index(p.From) < 0 && !p.Added {
			return &DriftError{r.Name, fmt.Sprintf("column %q is gone", p.From)}
		}
	}
	return nil
}

// onTarget are the columns under their names on the target.
func (r *relation) onTarget() []stream.ColumnDef {
	columns := slices.Clone(r.def.Columns)
	for i := range columns {
		planned := slices.IndexFunc(r.Copy.Columns, func(p planner.CopyColumn) bool { return p.From == columns[i].Name })
		columns[i].Name = r.Copy.Columns[planned].Name
	}
	return columns
}

// Column is what the source knows of a column and the stream does not say.
type Column struct {
	Type   string // format_type of the type that the stream announced
	Number int16  // attnum of the column that has the name now; 0: none has
}

// matchColumns compares the columns with the plan's: a column may have another
// type, or be another one under the same name.
func (r *relation) matchColumns(columns []Column) error {
	for i, c := range r.def.Columns {
		planned := slices.IndexFunc(r.Copy.Columns, func(p planner.CopyColumn) bool { return p.Name == c.Name })
		switch want := r.Copy.Columns[planned]; {
		case columns[i].Type != want.Type:
			return &DriftError{r.Name, fmt.Sprintf("column %q has type %s instead of %s", c.Name, columns[i].Type, want.Type)}
		case columns[i].Number != want.Number:
			return &DriftError{r.Name, fmt.Sprintf("column %q was dropped, and may have been added again", c.Name)}
		}
	}
	return nil
}

func (r *relation) index(column string) int {
	return slices.IndexFunc(r.def.Columns, func(c stream.ColumnDef) bool { return c.Name == column })
}

// full says that rows are found by all their columns.
func (r *relation) full() bool { return len(r.identity) == 0 }

// visible says whether the load has read the row with this tuple's key as the
// transaction left it.
func (r *relation) visible(xid uint32, tuple stream.Tuple) bool {
	if r.Loaded == nil {
		return false
	}
	key := ""
	if r.chunkKey >= 0 && r.chunkKey < len(tuple) {
		key = string(tuple[r.chunkKey].Text)
	}
	return r.Loaded.Visible(xid, key)
}
