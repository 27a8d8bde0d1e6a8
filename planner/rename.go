package planner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
)

// rename gives the selected objects the names that are declared. From here on
// the source's catalog is what it is to be on the target, and onSource says what
// an object is called where it comes from.
func (b *builder) rename() {
	b.checkColumnRules()
	naming := b.naming()
	if naming.None() {
		return
	}
	renamed := mapping.Rename(b.related, b.chosen, naming)
	for _, d := range renamed.Dropped {
		b.omit(d.Object.ID, d.Reason)
	}
	b.reportNames(renamed)
	for i := range renamed.Catalog.Objects {
		o := &renamed.Catalog.Objects[i]
		if v := renamed.Verdicts.Of(o); v.Cause == mapping.WithoutColumn {
			b.plan.NotMigrated = append(b.plan.NotMigrated, b.omission(o, v))
		}
	}
	renamed.Verdicts.UnusedInclude, renamed.Verdicts.UnusedExclude = b.chosen.UnusedInclude, b.chosen.UnusedExclude
	b.source, b.chosen, b.origins = renamed.Catalog, renamed.Verdicts, renamed.Origin
	b.related = mapping.Relate(b.source)
}

func (b *builder) naming() mapping.Naming {
	naming := mapping.Naming{Case: b.spec.Case, Tables: map[catalog.Name]catalog.Name{}, Columns: map[catalog.Name]map[string]string{}, Left: map[catalog.Name][]string{}}
	for _, t := range b.spec.Tables {
		if t.To != (catalog.Name{}) {
			naming.Tables[t.Table] = t.To
		}
		if len(t.Exclude) > 0 {
			naming.Left[t.Table] = t.Exclude
		}
		for _, c := range t.Columns {
			if c.Add { // its label is its name there
				c.To = c.Column
			}
			if c.To == "" {
				continue
			}
			if naming.Columns[t.Table] == nil {
				naming.Columns[t.Table] = map[string]string{}
			}
			naming.Columns[t.Table][c.Column] = c.To
		}
	}
	naming.Bodies, naming.There = b.bodies(), b.columnsThere
	for _, r := range b.spec.Renames {
		naming.Rules = append(naming.Rules, mapping.Renaming{Kind: mapping.RenamingKind(r.Kind), Pattern: r.Match.Parts, To: r.To})
	}
	return naming
}

// columnsThere are the columns of a table on the target, in their order.
func (b *builder) columnsThere(table catalog.Name) (names []string) {
	o := b.onTarget(tableID(table))
	if o == nil {
		return nil
	}
	for _, c := range o.Table().Columns {
		names = append(names, c.Name)
	}
	return names
}

// origin is an object as it is on the source. A schema that only the target has
// is its own.
func (b *builder) origin(o *catalog.Object) *catalog.Object {
	if from := b.origins[o]; from != nil {
		return from
	}
	return o
}

// onSource is what an object is called on the source.
func (b *builder) onSource(o *catalog.Object) catalog.ID { return b.origin(o).ID }

// reportNames reports what cannot be called as it is declared.
func (b *builder) reportNames(r *mapping.Renamed) {
	for _, clash := range r.Clashes {
		b.reportClash(clash)
	}
	for _, o := range r.TooLong {
		b.report(Finding{
			Code:    "C105",
			Object:  o.ID,
			Summary: fmt.Sprintf("the name %q has %d bytes, and PostgreSQL takes 63", o.ID.Name, len(o.ID.Name)),
			Fix:     b.otherName(o.ID, `a shorter one: to = "…" in a table or column block`),
			Place:   place(b.spec.Place),
		})
	}
	for _, u := range r.Unwritten {
		if left := new(mapping.LeftOut); errors.As(u.Err, &left) {
			b.reportLeftOut(u.Object, left)
			continue
		}
		b.report(Finding{
			Code:    "C130",
			Object:  u.Object.ID,
			Summary: fmt.Sprintf("in the text of %s the names cannot be changed", u.Object.ID),
			Detail:  u.Err.Error(),
			Fix: []string{
				fmt.Sprintf("exclude = [%q], and create it on %s by hand", b.patternOf(u.Object), b.spec.Target.Ref),
				"or leave the names that it uses as they are",
			},
			Place: place(b.spec.Place),
		})
	}
	b.reportMentions(r.Mentions)
	for _, failed := range r.Failed {
		rule := b.spec.Renames[failed.Rule]
		b.report(Finding{
			Code:    "C131",
			Object:  catalog.ID{Kind: kindPattern, Name: rule.Match.Text},
			Summary: fmt.Sprintf("rename %q gives no name for %s", rule.Kind, failed.Object),
			Detail:  failed.Err.Error(),
			Place:   place(rule.Place),
		})
	}
	for _, i := range r.Unused {
		rule := b.spec.Renames[i]
		b.report(Finding{
			Code:    "W221",
			Object:  catalog.ID{Kind: kindPattern, Name: rule.Match.Text},
			Summary: fmt.Sprintf("rename %q matches no selected %s on %s", rule.Match.Text, rule.Kind, b.spec.Source.Ref),
			Place:   place(rule.Place),
		})
	}
}

// otherName is how to give an object another name: an attribute has it from
// name_case alone.
func (b *builder) otherName(id catalog.ID, declared ...string) []string {
	if id.Kind != mapping.KindAttribute {
		return declared
	}
	return []string{fmt.Sprintf("on %s: alter type … rename attribute", b.spec.Source.Ref), `or name_case = "preserve"`}
}

// reportLeftOut reports an object that needs a column which is left out, and does
// not go with it.
func (b *builder) reportLeftOut(o *catalog.Object, left *mapping.LeftOut) {
	f := Finding{
		Code:    "C107",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s needs column %s of %s, which is left out", o.ID, left.Column, left.Table),
		Fix: []string{
			fmt.Sprintf("take %q out of exclude_columns in table %q", left.Column, left.Table.Label()),
			fmt.Sprintf("or exclude = [%q]", b.patternOf(o)),
		},
		Place: place(b.spec.Place),
	}
	if o.ID == left.Table { // a generated column, or what the table is partitioned by
		f.Summary = fmt.Sprintf("another column of %s, or what it is partitioned by, needs its column %s, which is left out", o.ID, left.Column)
		f.Fix = f.Fix[:1]
	}
	b.report(f)
}

// reportMentions reports, for each function, the old names in its body that
// nobody has changed, and keeps those that were for the notes.
func (b *builder) reportMentions(mentions []mapping.Mention) {
	left := map[*catalog.Object][]string{}
	var order []*catalog.Object
	for _, m := range mentions {
		line := fmt.Sprintf("line %d: %s is %s", m.Line, m.Old, m.New)
		if m.Written {
			b.written[m.Function] = append(b.written[m.Function], line)
			continue
		}
		if left[m.Function] == nil {
			order = append(order, m.Function)
		}
		left[m.Function] = append(left[m.Function], line)
	}
	for _, f := range order {
		b.report(Finding{
			Code:    "W208",
			Object:  f.ID,
			Summary: fmt.Sprintf("the body of %s has names that change, and stays as it is there", f.ID),
			Detail:  strings.Join(left[f], "; "),
			Fix: []string{
				"look whether these are the renamed tables and columns; if so, after the run:",
				fmt.Sprintf("on %s: create or replace it with a body of the new names", b.spec.Target.Ref),
				fmt.Sprintf("or give it one here: function %q { body = … }, which may be the same", f.ID.Label()),
				fmt.Sprintf("or exclude = [%q], and create it by hand", b.patternOf(f)),
			},
			Place: place(b.spec.Place),
		})
	}
}

func (b *builder) reportClash(clash mapping.Clash) {
	var from []string
	for _, o := range clash.Objects {
		from = append(from, o.ID.String())
	}
	what := "become"
	if len(from) == 1 {
		from = []string{fmt.Sprintf("two %ss of %s", clash.Name.Kind, from[0])}
	}
	b.report(Finding{
		Code:    "C104",
		Object:  clash.Name,
		Summary: fmt.Sprintf("%s %s %s", strings.Join(from, " and "), what, clash.Name.Label()),
		Fix:     b.otherName(clash.Name, `another name for one of them: to = "…" in a table or column block`, "or exclude one of them"),
		Place:   place(b.spec.Place),
	})
}

// reshapes says that the table gets another column than the source's: a value
// alone changes its rows only.
func (c ColumnRule) reshapes() bool { return c.To != "" || c.Type.SQL != "" }

// checkColumnRules reports columns that are named and that there are not.
func (b *builder) checkColumnRules() {
	for i := range b.spec.Tables {
		rule := &b.spec.Tables[i]
		o := b.related.Relation(rule.Table)
		if o == nil || o.Table() == nil {
			continue // C106 says so
		}
		if typed := o.Table().Type; typed != (catalog.Name{}) && (len(rule.Exclude) > 0 || slices.ContainsFunc(rule.Columns, ColumnRule.reshapes)) {
			b.report(Finding{
				Code:    "C130",
				Object:  o.ID,
				Summary: fmt.Sprintf("the columns of %s are those of type %s, and cannot have other names or types, be added or be left out", o.ID, typed),
				Fix:     []string{fmt.Sprintf("take its columns out of table %q", o.ID.Label())},
				Place:   place(rule.Place),
			})
			continue
		}
		rules := slices.Clone(rule.Columns)
		for _, column := range rule.Exclude {
			rules = append(rules, ColumnRule{Column: column, Place: rule.Place})
		}
		for _, c := range rules {
			if c.Add || hasColumn(o.Table(), c.Column) {
				continue
			}
			var names []string
			for _, column := range b.onRead(o) {
				names = append(names, column.Name)
			}
			b.report(Finding{
				Code:    "C106",
				Object:  o.ID,
				Summary: fmt.Sprintf("%s has no column %s", o.ID, c.Column),
				Fix:     suggestions(c.Column, names),
				Place:   place(c.Place),
			})
		}
	}
}

// oldNames are what an object, and the columns or attributes that it has, are
// called on the source, where that is not what they are called here.
func (b *builder) oldNames(o *catalog.Object) (notes []string) {
	origin := b.origin(o)
	if origin.ID.Label() != o.ID.Label() && origin.ID.Name != o.ID.Name {
		notes = append(notes, "was "+origin.ID.Label())
	}
	for _, line := range b.written[origin] {
		notes = append(notes, "body, "+line)
	}
	if b.given[origin.ID] {
		notes = append(notes, "body as declared")
	}
	if composite, ok := o.Spec.(*catalog.Composite); ok && origin != o {
		for i, was := range origin.Spec.(*catalog.Composite).Attributes {
			if to := composite.Attributes[i].Name; to != was.Name {
				notes = append(notes, to+" was "+was.Name)
			}
		}
	}
	if o.Table() == nil || origin == o {
		return notes
	}
	for _, c := range o.Table().Columns {
		if was := b.originColumn(o, &c).Name; was != c.Name {
			notes = append(notes, c.Name+" was "+was)
		}
	}
	if left := b.leftOut(o); len(left) > 0 {
		notes = append(notes, "without "+strings.Join(left, ", "))
	}
	return notes
}

// originColumn is a column of a table as the source has it.
func (b *builder) originColumn(o *catalog.Object, c *catalog.Column) *catalog.Column {
	origin := b.origin(o)
	if origin == o {
		return c
	}
	columns := origin.Table().Columns
	return &columns[slices.IndexFunc(columns, func(from catalog.Column) bool { return from.Number == c.Number })]
}

// leftOut are the columns of a table that are left out, as the source calls them.
func (b *builder) leftOut(o *catalog.Object) (names []string) {
	for _, c := range b.leftColumns(o) {
		names = append(names, c.Name)
	}
	return names
}

func (b *builder) leftColumns(o *catalog.Object) (left []catalog.Column) {
	origin := b.origin(o)
	if origin == o || len(origin.Table().Columns) == len(o.Table().Columns) {
		return nil
	}
	for _, from := range origin.Table().Columns {
		if !slices.ContainsFunc(o.Table().Columns, func(c catalog.Column) bool { return c.Number == from.Number }) {
			left = append(left, from)
		}
	}
	return left
}

// leftKey is a column that is left out and by which the changes name a row of the
// source; empty: there is none.
func (b *builder) leftKey(o *catalog.Object) string {
	left := b.leftOut(o)
	if len(left) == 0 {
		return ""
	}
	for _, part := range b.related.Parts(o.ID.Qualified()) {
		c, ok := b.origin(part).Spec.(*catalog.Constraint)
		if !ok || c.Type != catalog.PrimaryKey {
			continue
		}
		for _, column := range c.Columns {
			if slices.Contains(left, column) {
				return column
			}
		}
	}
	return ""
}
