package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
)

// OnExisting says what happens to a table that is on the target and that sluice
// did not make. The zero value is ExistingError.
type OnExisting string

// What may be declared.
const (
	ExistingError    OnExisting = "error"    // a conflict, C101
	ExistingAppend   OnExisting = "append"   // rows are added to those that are there
	ExistingTruncate OnExisting = "truncate" // emptied, then loaded
	ExistingAdopt    OnExisting = "adopt"    // its rows are the source's already; changes are followed
	ExistingSkip     OnExisting = "skip"     // left out
)

// RowRule says which row counts where both sides have one of the same key.
type RowRule string

// The rules.
const (
	RowKeep      RowRule = "keep_target"
	RowOverwrite RowRule = "overwrite"
	RowError     RowRule = "error"
)

// Conflicts is the conflicts block. The zero value has the language's defaults.
type Conflicts struct {
	OnExisting     OnExisting
	RowFull        RowRule // empty: RowKeep
	RowIncremental RowRule // empty: RowOverwrite
}

// Existing is how a table that was on the target before takes rows.
type Existing struct {
	Mode OnExisting `json:"mode"` // append, truncate or adopt
	// Full is for the rows of an append, Changes for the changes of an append or
	// an adopt. Those of a truncated table must hit exactly one row, as always.
	Full    RowRule `json:"row_full,omitempty"`
	Changes RowRule `json:"row_incremental,omitempty"`
	// Key are the columns of a unique key of the target by which a row is the
	// same on both sides; empty: it has none of the source's. KeyMade: it is made
	// by the plan, after the rows and before the changes. Unique says that the
	// table had any key before, so that a row of the load can be refused.
	Key     []string `json:"key,omitempty"`
	KeyMade bool     `json:"key_made,omitempty"`
	Unique  bool     `json:"unique,omitempty"`
}

// Foreign says that the table may hold rows that the source never had.
func (e *Existing) Foreign() bool { return e != nil && e.Mode == ExistingAppend }

// meetExisting finds the selected tables that are on the target and were not
// made by sluice, and what is declared for them. Those to skip leave the
// selection, here, since everything after it asks only for what is selected.
func (b *builder) meetExisting() {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if o.ID.Kind != catalog.KindTable || !b.chosen.Of(o).Taken || b.onTarget(o.ID) == nil || b.made(o.ID) {
			continue
		}
		switch mode, place := b.declaredFor(o); mode {
		case ExistingSkip:
			b.skip(o, place)
		case ExistingAppend, ExistingTruncate, ExistingAdopt:
			b.existing[o] = mode
		}
	}
	b.findRouted()
}

// declaredFor is what the table's own block says, else that of the partitioned
// table it belongs to, else the conflicts block.
func (b *builder) declaredFor(o *catalog.Object) (OnExisting, *Place) {
	for table := o; table != nil; table = b.related.Relation(table.Table().Of) {
		if rule := b.tableRule(table); rule != nil && rule.OnExisting != "" {
			return rule.OnExisting, place(rule.Place)
		}
	}
	return b.spec.Conflicts.OnExisting, place(b.spec.Place)
}

func (b *builder) skip(table *catalog.Object, at *Place) {
	b.skipped[table] = true
	for _, o := range b.chosen.Skip(b.related, table) {
		reason := `it is on the target: on_existing = "skip"`
		if o != table {
			reason = "goes with " + table.ID.String() + `: on_existing = "skip"`
		}
		b.plan.NotMigrated = append(b.plan.NotMigrated, Omission{Object: o.ID, Reason: reason, Place: at})
	}
}

// existingUnder is what is declared for the existing table that an object is a
// part of, or whose column owns it; empty: for none.
func (b *builder) existingUnder(o *catalog.Object) OnExisting {
	name, ok := existingTableOf(o)
	if !ok {
		return ""
	}
	return b.existing[b.related.Relation(name)]
}

// existingTableOf is the table that an object is a part of, or whose column owns it.
func existingTableOf(o *catalog.Object) (catalog.Name, bool) {
	if s, ok := o.Spec.(*catalog.Sequence); ok && s.OwnedBy != nil {
		return s.OwnedBy.Table, true
	}
	return mapping.On(o)
}

// takeTable takes a table as it is on the target.
func (b *builder) takeTable(o, there *catalog.Object) {
	b.present[o] = true
	b.plan.Right = append(b.plan.Right, o.ID) // unless its rows have a step
	b.checkTaken(o, there)
	b.checkBegun(o)
	if b.routed[o] != nil {
		b.checkRouted(o)
	}
}

// stays leaves a part of an existing table that differs from the source's.
func (b *builder) stays(o *catalog.Object) {
	b.present[o] = true
	b.omit(o.ID, fmt.Sprintf("differs on the target and stays as it is: on_existing = %q", b.existingUnder(o)))
}

// otherKey says that a table on the target has a primary key of another name:
// a second one is not possible.
func (b *builder) otherKey(o *catalog.Object) bool {
	c, ok := o.Spec.(*catalog.Constraint)
	if !ok || c.Type != catalog.PrimaryKey {
		return false
	}
	return slices.ContainsFunc(b.targetParts(o.ID.Relation()), func(part *catalog.Object) bool {
		there, ok := part.Spec.(*catalog.Constraint)
		return ok && there.Type == catalog.PrimaryKey && part.ID != o.ID
	})
}

// targetParts are what is on a relation of the target.
func (b *builder) targetParts(relation catalog.Name) []*catalog.Object {
	if b.relatedThere == nil {
		b.relatedThere = mapping.Relate(b.target)
	}
	return b.relatedThere.Parts(relation)
}

// existingSpec is how an existing table takes rows; nil for one that sluice makes.
func (b *builder) existingSpec(o *catalog.Object) *Existing {
	mode := b.existing[o]
	if mode == "" {
		return nil
	}
	e := &Existing{Mode: mode, Unique: len(b.uniqueThere(o)) > 0}
	if mode == ExistingTruncate {
		return e
	}
	if e.Key = b.sharedKey(o); e.Key == nil && b.makesKey(o) {
		e.Key, e.KeyMade = b.identityColumns(o), true
	}
	if mode == ExistingAppend {
		e.Full = ruleOr(b.spec.Conflicts.RowFull, RowKeep)
	}
	if b.spec.Stages.Incremental {
		e.Changes = ruleOr(b.spec.Conflicts.RowIncremental, RowOverwrite)
	}
	return e
}

func ruleOr(declared, def RowRule) RowRule {
	if declared == "" {
		return def
	}
	return declared
}

// note says in the plan what happens to the rows.
func (e *Existing) note() string {
	switch {
	case e.Mode == ExistingTruncate:
		return "into the emptied table"
	case e.Mode == ExistingAdopt:
		return "its rows are taken as they are; nothing is copied"
	case !e.Unique:
		return "appended to what is there"
	case e.Full == RowOverwrite:
		return "appended to what is there; rows of the same key are replaced"
	case e.Full == RowError:
		return "appended to what is there; a row of the same key stops the load"
	}
	return "appended to what is there; rows of the same key stay"
}

// uniqueKey is something on the target's table that refuses rows. Columns are
// nil where it is not simply the equality of columns, or not checked at once.
type uniqueKey struct {
	columns    []string
	deferrable bool
}

func (b *builder) uniqueThere(o *catalog.Object) (keys []uniqueKey) {
	for _, part := range b.partsThere(o) {
		if b.made(part.ID) || b.isAttachedThere(part) {
			continue // after the rows
		}
		switch spec := part.Spec.(type) {
		case *catalog.Constraint:
			switch {
			case spec.Type != catalog.Exclusion && spec.Type != catalog.PrimaryKey && spec.Type != catalog.Unique:
			case spec.Deferrable || spec.Type == catalog.Exclusion:
				keys = append(keys, uniqueKey{deferrable: spec.Deferrable})
			default:
				keys = append(keys, uniqueKey{columns: spec.Columns})
			}
		case *catalog.Index:
			if !spec.Unique {
				continue
			}
			key := uniqueKey{}
			if _, _, partial := cutOutsideQuotes(spec.Definition, " WHERE "); !partial && spec.Valid {
				key.columns = parseIndexColumns(spec.Definition)
			}
			keys = append(keys, key)
		}
	}
	return keys
}

// sharedKey are the columns by which a row is the same on both sides: those by
// which the changes find it, else the source's primary key, provided that the
// target has a unique key over just these.
func (b *builder) sharedKey(o *catalog.Object) []string {
	candidates := [][]string{b.identityColumns(o)}
	if key := b.primaryKey(o.ID.Qualified()); key != nil {
		candidates = append(candidates, key.Columns)
	}
	for _, columns := range candidates {
		if len(columns) > 0 && slices.ContainsFunc(b.uniqueThere(o), func(k uniqueKey) bool { return sameSet(k.columns, columns) }) {
			return slices.Clone(columns)
		}
	}
	return nil
}

// makesKey says that the plan makes the primary key by which the changes find
// rows, or that an earlier one has: before it is there, no change is applied.
func (b *builder) makesKey(o *catalog.Object) bool {
	return b.routed[o] == nil && slices.ContainsFunc(b.related.Parts(o.ID.Qualified()), func(part *catalog.Object) bool {
		c, ok := part.Spec.(*catalog.Constraint)
		return ok && c.Type == catalog.PrimaryKey && !c.Deferrable && sameSet(c.Columns, b.identityColumns(o)) && b.isMissing(part)
	})
}

// isMissing says that a part of an existing table was not on the target before.
func (b *builder) isMissing(part *catalog.Object) bool {
	return b.chosen.Of(part).Taken && b.stageDeclared(part) && (b.made(part.ID) || b.onTarget(part.ID) == nil && !b.otherKey(part))
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c string) bool { return !slices.Contains(b, c) })
}

// otherUnique says that the target has a key besides the one that ranges are cut
// by. Under several snapshots two rows may for a while hold one value of it.
func (b *builder) otherUnique(o *catalog.Object) bool {
	key := b.primaryKey(o.ID.Qualified())
	return b.existing[o] != "" && slices.ContainsFunc(b.uniqueThere(o), func(k uniqueKey) bool {
		return key == nil || !sameSet(k.columns, key.Columns)
	})
}

// isAlways says that no UPDATE may set the column on the target: of an existing
// table that is for the target to say.
func (b *builder) isAlways(o *catalog.Object, c *catalog.Column) bool {
	if b.existing[o] == "" {
		return c.Identity == "always"
	}
	there := b.tableThere(o)
	return there != nil && slices.ContainsFunc(there.Columns, func(on catalog.Column) bool {
		return on.Name == c.Name && on.Identity == "always"
	})
}
