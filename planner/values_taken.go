package planner

import (
	"slices"

	"sluice/planner/catalog"
)

// takenSequence is a sequence behind a column of a table that others made on the
// target. The zero value is one that takes the source's value.
type takenSequence struct {
	name catalog.Name // the zero Name: what the plan calls it
	// further is what tells which of two values is further on, where the target's
	// own rows may have drawn from it as well: greatest, or least of one that
	// counts down. Empty: the source's value is right.
	further string
}

// setSQL sets a sequence to the source's (value, is_called), given as $1 and $2.
// One whose table holds rows of the target's own never goes back: it would draw
// their values once more.
func (s takenSequence) setSQL(planned catalog.Name) string {
	if s.name == (catalog.Name{}) {
		s.name = planned
	}
	sequence := catalog.Literal(s.name.SQL())
	if s.further == "" {
		return "select pg_catalog.setval(" + sequence + ", $1, $2)"
	}
	further := s.further + "(last_value, $1::bigint)"
	return "select pg_catalog.setval(" + sequence + ", " + further + ", case when last_value = $1::bigint then is_called or $2::boolean " +
		"when last_value = " + further + " then is_called else $2::boolean end) from " + s.name.SQL()
}

// sequencesTaken are the sequences of tables that others made, by the plan's name.
func (b *builder) sequencesTaken() map[catalog.Name]takenSequence {
	taken := map[catalog.Name]takenSequence{}
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if s, ok := o.Spec.(*catalog.Sequence); ok && b.existingUnder(o) != "" && b.present[o] {
			taken[o.ID.Qualified()] = takenSequence{further: furtherOf(b.existingUnder(o), s.Options)}
		}
		mode := b.existing[o]
		if mode == "" {
			continue
		}
		for _, c := range o.Spec.(*catalog.Table).Columns {
			if there := b.sequenceThere(o, c.Name); c.Sequence != nil && there != nil {
				taken[c.Sequence.Name] = takenSequence{there.Name, furtherOf(mode, there.Options)}
			}
		}
	}
	return taken
}

func furtherOf(mode OnExisting, o catalog.SequenceOptions) string {
	switch {
	case mode == ExistingTruncate:
		return ""
	case o.Increment < 0:
		return "least"
	}
	return "greatest"
}

// withCounterpart leaves out identity sequences of a table that others made, on
// the target, without one for that column.
func (b *builder) withCounterpart(o *catalog.Object, pairs []sequencePair) []sequencePair {
	if b.existing[o] == "" {
		return pairs
	}
	return slices.DeleteFunc(pairs, func(p sequencePair) bool {
		return !slices.ContainsFunc(o.Spec.(*catalog.Table).Columns, func(c catalog.Column) bool {
			return c.Sequence != nil && c.Sequence.Name == p.to && b.sequenceThere(o, c.Name) != nil
		})
	})
}

// sequenceThere is the identity sequence of a column on the target, or nil.
func (b *builder) sequenceThere(o *catalog.Object, column string) *catalog.IdentitySequence {
	table := b.tableThere(o)
	if table == nil {
		return nil
	}
	i := slices.IndexFunc(table.Columns, func(c catalog.Column) bool { return c.Name == column })
	if i < 0 {
		return nil
	}
	return table.Columns[i].Sequence
}
