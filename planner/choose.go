package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
)

// choose selects the objects that go, and says of the others why they stay.
func (b *builder) choose() {
	include := globs(b.spec.Include)
	for _, t := range b.spec.Tables {
		include = append(include, mapping.Rule{Pattern: mapping.Exactly(t.Table), Kind: catalog.KindTable})
	}
	b.related = mapping.Relate(b.source)
	b.transform()
	b.chosen = mapping.Select(b.related, include, globs(b.spec.Exclude), b.spec.Kinds.Words)
	for _, i := range b.chosen.UnusedInclude {
		b.reportUnmatched(i)
	}
	for _, i := range b.chosen.UnusedExclude {
		p := b.spec.Exclude[i]
		b.report(Finding{
			Code:    "W221",
			Object:  catalog.ID{Kind: kindPattern, Name: p.Text},
			Summary: fmt.Sprintf("exclude %q matches nothing on %s", p.Text, b.spec.Source.Ref),
			Fix:     suggestions(p.Text, b.namesOf(len(p.Parts))),
			Place:   place(p.Place),
		})
	}
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if v := b.chosen.Of(o); !v.Taken {
			b.plan.NotMigrated = append(b.plan.NotMigrated, b.omission(o, v))
		}
	}
	b.rename()
}

func globs(patterns []Pattern) []mapping.Rule {
	rules := make([]mapping.Rule, len(patterns))
	for i, p := range patterns {
		rules[i].Pattern = p.Parts
	}
	return rules
}

// reportUnmatched reports the include rule with this index: a pattern, or
// after those a table block.
func (b *builder) reportUnmatched(rule int) {
	f := Finding{Code: "C106"}
	if rule < len(b.spec.Include) {
		p := b.spec.Include[rule]
		f.Object = catalog.ID{Kind: kindPattern, Name: p.Text}
		f.Summary = fmt.Sprintf("%s has nothing that %q matches in database %s", b.spec.Source.Ref, p.Text, b.source.Server.Database)
		f.Fix = suggestions(p.Text, b.namesOf(len(p.Parts)))
		f.Place = place(p.Place)
	} else {
		t := b.spec.Tables[rule-len(b.spec.Include)]
		f.Object = tableID(t.Table)
		f.Summary = fmt.Sprintf("%s has no table %s in database %s", b.spec.Source.Ref, t.Table, b.source.Server.Database)
		f.Fix = suggestions(t.Table.String(), b.tableNames())
		f.Place = place(t.Place)
	}
	b.report(f)
}

// suggestions are the lines that tell what a misspelt name may have meant.
func suggestions(name string, candidates []string) []string {
	near, onlyCase := mapping.Suggest(name, candidates)
	if len(near) == 0 {
		return nil
	}
	if onlyCase {
		return []string{fmt.Sprintf("did you mean %q? Only the case differs: names are exact", near[0])}
	}
	quoted := make([]string, len(near))
	for i, n := range near {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return []string{"did you mean " + strings.Join(quoted, " or ") + "?"}
}

// namesOf are what a pattern of this many parts may have meant: schemas for
// one, what is in a schema and the schemas as a whole for two, else what is on
// tables.
func (b *builder) namesOf(parts int) (names []string) {
	for i := range b.source.Objects {
		id := b.source.Objects[i].ID
		_, part := mapping.On(&b.source.Objects[i])
		switch {
		case parts == 1 && id.Schema == "":
			names = append(names, id.Label())
		case parts == 2 && id.Kind == catalog.KindSchema:
			names = append(names, id.Label()+".*")
		case parts == 2 && id.Schema != "" && !part, parts == 3 && id.Table != "":
			names = append(names, patternFor(id))
		}
	}
	return names
}

func (b *builder) tableNames() (names []string) {
	for i := range b.source.Objects {
		if id := b.source.Objects[i].ID; id.Kind == catalog.KindTable {
			names = append(names, id.Label())
		}
	}
	return names
}

// omission says why an object stays behind.
func (b *builder) omission(o *catalog.Object, v mapping.Verdict) Omission {
	omission := Omission{Object: o.ID}
	switch v.Cause {
	case mapping.Excluded:
		p := b.spec.Exclude[v.Rule]
		omission.Reason = fmt.Sprintf("excluded by %q", p.Text)
		if v.By != (catalog.ID{}) {
			omission.Reason = fmt.Sprintf("goes with a table that %q excludes", p.Text)
		}
		omission.Place = place(p.Place)
	case mapping.WithoutKind:
		omission.Reason = fmt.Sprintf("kind %s is not among kinds", mapping.Word(o))
		omission.Place = place(b.spec.Kinds.Place)
	case mapping.WithoutColumn:
		omission.Reason = "on a column of " + v.By.String() + " that is left out"
	case mapping.WithoutTable:
		omission.Reason = v.By.String() + " is not migrated"
	case mapping.WithoutFunction:
		omission.Reason = "its " + v.By.String() + " is not migrated"
	case mapping.Unsupported:
		unsupported := o.Spec.(*catalog.Unsupported)
		omission.Reason, omission.Code = unsupported.Reason, unsupported.Code
	default:
		omission.Reason = "not selected"
	}
	return omission
}

// reason says why a selected object goes.
func (b *builder) reason(o *catalog.Object) Reason {
	v := b.chosen.Of(o)
	if v.Rule < 0 { // a schema that only names lead to
		return b.declared()
	}
	rule := b.rule(v.Rule)
	switch v.Cause {
	case mapping.With:
		rule.Text = "with " + v.By.String()
	case mapping.Needed:
		rule.Text = "needed by " + v.By.String()
	}
	return rule
}

// rule is the include pattern or the table block with this index.
func (b *builder) rule(index int) Reason {
	if index < len(b.spec.Include) {
		p := b.spec.Include[index]
		return Reason{Text: fmt.Sprintf("include %q", p.Text), Place: place(p.Place)}
	}
	t := b.spec.Tables[index-len(b.spec.Include)]
	return Reason{Text: fmt.Sprintf("table %q", t.Table), Place: place(t.Place)}
}

// tableRule is the table block of this table, or nil.
func (b *builder) tableRule(o *catalog.Object) *TableRule {
	n := b.onSource(o).Qualified()
	i := slices.IndexFunc(b.spec.Tables, func(t TableRule) bool { return t.Table == n })
	if i < 0 {
		return nil
	}
	return &b.spec.Tables[i]
}

// sortObjects sorts the lists of objects that are not steps, and takes from the
// omissions what is in a step after all: a publication of the migration's own
// name is read from the source like any other.
func (b *builder) sortObjects() {
	inSteps := map[catalog.ID]bool{} // of the few that are listed
	for _, id := range b.plan.Right {
		inSteps[id] = false
	}
	for _, o := range b.plan.NotMigrated {
		inSteps[o.Object] = false
	}
	for i := range b.plan.Steps {
		if _, listed := inSteps[b.plan.Steps[i].Object]; listed {
			inSteps[b.plan.Steps[i].Object] = true
		}
	}
	slices.SortFunc(b.plan.Right, catalog.Compare)
	b.plan.Right = slices.DeleteFunc(b.plan.Right, func(id catalog.ID) bool { return inSteps[id] })
	b.plan.NotMigrated = slices.DeleteFunc(b.plan.NotMigrated, func(o Omission) bool { return inSteps[o.Object] })
	slices.SortFunc(b.plan.NotMigrated, func(x, y Omission) int {
		if x.Reason != y.Reason {
			return strings.Compare(x.Reason, y.Reason)
		}
		return catalog.Compare(x.Object, y.Object)
	})
}
