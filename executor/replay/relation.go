package replay

import (
	"fmt"
	"slices"

	"github.com/jackc/pglogrepl"

	"sluice/executor/handoff"
	"sluice/executor/stream"
	"sluice/executor/transform"
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
	from      []int              // the announced column of each of def's, -1 for none; nil: the same
	identity  []int              // columns by which a row is found; nil: all of them
	shape     *transform.Shape   // what the source computes; nil: nothing
	values    []*planner.Expression
	chunkKey  int   // the column whose ranges were loaded; -1: none
	always    []int // GENERATED ALWAYS AS IDENTITY columns
	foreign   bool  // the source prints values in other words than the target
	masks     map[string]string
	types     []columnType // of def's columns; nil: they are not known
	acts      bool         // as targetTable says
	claims    []claim      // what its changes can meet, the identity first, where it has one
	whole     bool         // that cannot be told: it is the table
	table     uint64
}

// DriftError says that a table of the source has other columns than the plan.
type DriftError struct {
	Table  catalog.Name
	Detail string
	// LSN is that of the first transaction which has it so: what was committed before
	// it can be applied. 0: that is not known.
	LSN pglogrepl.LSN
	// Remade: a column is another one on the source now. Changes from before that look
	// like those from behind it, and so does the transaction at LSN.
	Remade bool
}

func (e *DriftError) Error() string {
	return fmt.Sprintf("%s has changed on the source: %s; nothing after this point of the changes is applied", e.Table, e.Detail)
}

func newRelation(t *Table, def stream.RelationDef) (*relation, error) {
	r := &relation{Table: t, announced: def, def: def, chunkKey: -1, masks: map[string]string{}}
	if err := r.match(); err != nil {
		return nil, err
	}
	r.onTarget()
	if t.Copy.Transforms() {
		if err := r.transform(); err != nil {
			return nil, err
		}
	}
	for _, name := range t.Copy.Identity {
		i := r.index(name)
		if i < 0 {
			return nil, &DriftError{Table: t.Name, Detail: fmt.Sprintf("its replica identity has no column %q any more", name)}
		}
		r.identity = append(r.identity, i)
	}
	if r.identity != nil && def.Identity != 'f' {
		for _, i := range r.identity {
			if !r.def.Columns[i].Key {
				return nil, &DriftError{Table: t.Name, Detail: fmt.Sprintf("column %q is not in its replica identity any more", r.def.Columns[i].Name)}
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
	for _, c := range r.announced.Columns {
		if r.isLeft(c.Name) {
			continue
		}
		i := slices.IndexFunc(r.Copy.Columns, func(p planner.CopyColumn) bool { return p.From == c.Name })
		if i < 0 {
			return &DriftError{Table: r.Name, Detail: fmt.Sprintf("column %q is new", c.Name)}
		}
	}
	for _, p := range r.Copy.Columns {
		if p.From != "" && r.announcedColumn(p.From) < 0 && !p.Added {
			return &DriftError{Table: r.Name, Detail: fmt.Sprintf("column %q is gone", p.From)}
		}
	}
	return nil
}

// isLeft says that a column of the source is left out.
func (r *relation) isLeft(column string) bool {
	return slices.ContainsFunc(r.Copy.Left, func(c planner.LeftColumn) bool { return c.From == column })
}

// onTarget gives def the columns that travel, under their names on the target.
func (r *relation) onTarget() {
	r.def.Columns = nil
	same := true
	for _, p := range r.Copy.Columns {
		i := r.announcedColumn(p.From)
		if i < 0 && p.From != "" {
			continue // added since
		}
		column := stream.ColumnDef{Name: p.Name}
		if i >= 0 {
			column = r.announced.Columns[i]
			column.Name = p.Name
		}
		if p.Always {
			r.always = append(r.always, len(r.from))
		}
		same = same && i == len(r.from)
		r.from, r.values = append(r.from, i), append(r.values, p.Value)
		r.def.Columns = append(r.def.Columns, column)
	}
	if same && len(r.from) == len(r.announced.Columns) {
		r.from = nil
	}
}

// announcedColumn is the index of a column by its name on the source, or -1.
func (r *relation) announcedColumn(name string) int {
	return slices.IndexFunc(r.announced.Columns, func(c stream.ColumnDef) bool { return c.Name == name })
}

// transform prepares what the source computes.
func (r *relation) transform() (err error) {
	var names []string
	for _, c := range r.announced.Columns {
		names = append(names, c.Name)
	}
	r.shape, err = transform.NewShape(r.Copy, names)
	return err
}

// sourceIdentity are the announced columns by which a row is found.
func (r *relation) sourceIdentity() []int {
	columns := make([]int, len(r.identity))
	for n, i := range r.identity {
		columns[n] = r.announcedOf(i)
	}
	return columns
}

// plain is a row of the source in the target's columns, as far as those are its
// own. A row that needs no change is returned as it is.
func (r *relation) plain(row stream.Tuple) stream.Tuple {
	if r.from == nil && r.shape == nil {
		return row
	}
	t := make(stream.Tuple, len(r.def.Columns))
	for i := range t {
		t[i] = stream.Value{Kind: stream.Null}
		if from := r.announcedOf(i); from >= 0 {
			t[i] = row[from]
		}
	}
	return t
}

func (r *relation) announcedOf(column int) int {
	if r.from == nil {
		return column
	}
	return r.from[column]
}

// Column is what the source knows of a column and the stream does not say.
type Column struct {
	Type   string // format_type of the type that the stream announced
	Number int16  // attnum of the column that has the name now; 0: none has; -1: the table is gone
}

// matchColumns compares the columns with the plan's: a column may have another
// type, or be another one under the same name.
func (r *relation) matchColumns(columns []Column) error {
	for i, c := range r.announced.Columns {
		if r.isLeft(c.Name) {
			continue
		}
		planned := slices.IndexFunc(r.Copy.Columns, func(p planner.CopyColumn) bool { return p.From == c.Name })
		switch want := r.Copy.Columns[planned]; {
		case columns[i].Type != want.Type:
			return &DriftError{Table: r.Name, Detail: fmt.Sprintf("column %q has type %s instead of %s", c.Name, columns[i].Type, want.Type)}
		case columns[i].Number < 0: // what comes was written before that, and nothing comes behind it
		case columns[i].Number != want.Number:
			return &DriftError{Table: r.Name, Detail: fmt.Sprintf("column %q was dropped, and may have been added again", c.Name), Remade: true}
		}
	}
	return nil
}

// typed takes in what the table is on the target.
func (r *relation) typed(t targetTable) {
	r.types, r.acts = make([]columnType, len(r.def.Columns)), t.acts
	for i, c := range r.def.Columns {
		r.types[i] = t.columns[c.Name]
	}
}

// typeOf is the type of a column on the target, as far as it is known.
func (r *relation) typeOf(column int) columnType {
	if r.types == nil {
		return columnType{}
	}
	return r.types[column]
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
