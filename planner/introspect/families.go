package introspect

import (
	"slices"

	"sluice/planner/catalog"
)

// family is all tables by name, for what a table's columns are to its parents'.
type family map[catalog.Name]*table

// settleFamilies says of the columns of children what only their parents tell.
func (r *reader) settleFamilies() {
	all := family{}
	for _, e := range r.entries {
		if t := r.tables[e.OID]; t != nil && e.address.class == classClass {
			all[e.ID.Qualified()] = t
		}
	}
	for _, t := range all {
		if t.partition {
			all.inheritIdentity(t)
		} else if len(t.Inherits) > 0 {
			t.Patchwork = all.patchwork(t)
		}
	}
}

// inheritIdentity gives a partition's columns the identity of the partitioned
// table's, which they have since 17 and which is invisible before: a row that
// comes by the parent is numbered in either case.
// https://www.postgresql.org/docs/17/release-17.html
func (f family) inheritIdentity(t *table) {
	for i := range t.Columns {
		c := &t.Columns[i]
		for above := f[t.Of]; above != nil && c.Identity == ""; above = f[above.Of] {
			if of := above.column(c.Name); of != nil && of.Sequence != nil {
				c.Identity = of.Identity
			}
		}
	}
}

// patchwork says whether CREATE TABLE … INHERITS would make other columns of
// the same parents: in another order, since it puts those of the parents first;
// generated, stored or compressed in another way; or none at all, since the
// parents do not agree.
// MergeAttributes in src/backend/commands/tablecmds.c
func (f family) patchwork(t *table) bool {
	var order []string
	for _, parent := range t.Inherits {
		p := f[parent]
		if p == nil { // of an extension: nobody knows
			return false
		}
		for i := range p.Columns {
			c := &p.Columns[i]
			if !slices.Contains(order, c.Name) {
				order = append(order, c.Name)
			}
			if own := t.column(c.Name); own == nil || differs(own, c) || f.disagree(t, c) {
				return true
			}
		}
	}
	for _, c := range t.Columns {
		if !slices.Contains(order, c.Name) {
			order = append(order, c.Name)
		}
	}
	return !slices.EqualFunc(order, t.Columns, func(name string, c catalog.Column) bool { return c.Name == name })
}

// differs says whether a child would not get its column back: until 15 a column
// that its parent generates cannot be declared in the child as well, and what a
// parent says of storage the child cannot leave open.
func differs(own, parent *catalog.Column) bool {
	return own.Generated != "" && (!own.Inherited || own.Default != parent.Default) ||
		own.Storage == "" && parent.Storage != "" ||
		own.Compressed == "" && parent.Compressed != ""
}

// disagree says whether a parent has this column in a way that does not go
// together with it.
func (f family) disagree(t *table, c *catalog.Column) bool {
	return slices.ContainsFunc(t.Inherits, func(parent catalog.Name) bool {
		other := f[parent]
		if other == nil {
			return false
		}
		same := other.column(c.Name)
		return same != nil && (same.Default != c.Default || same.Storage != c.Storage || same.Compressed != c.Compressed)
	})
}
