package planner

import (
	"fmt"

	"sluice/planner/catalog"
)

// bodies finds the functions for which a body is declared.
func (b *builder) bodies() map[catalog.ID]string {
	bodies := map[catalog.ID]string{}
	b.given = map[catalog.ID]bool{}
	for _, declared := range b.spec.Bodies {
		o := b.functionCalled(declared)
		if o == nil {
			continue
		}
		if !hasStringBody(o.Spec.(*catalog.Function)) {
			b.report(Finding{
				Code: "C130", Object: o.ID, Place: place(declared.Place),
				Summary: fmt.Sprintf("the body of %s is no string, so that none can take its place: names in it follow by themselves", o.ID),
				Fix:     []string{"take the function block out"},
			})
			continue
		}
		bodies[o.ID], b.given[o.ID] = declared.Text, true
	}
	return bodies
}

// functionCalled finds the function of a block, and reports where there is none,
// or several.
func (b *builder) functionCalled(declared Body) *catalog.Object {
	var found []*catalog.Object
	var names, labels []string
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if _, ok := o.Spec.(*catalog.Function); !ok || !b.chosen.Of(o).Taken {
			continue
		}
		label := o.ID.Label()
		name := o.ID.Qualified().String()
		if label == declared.Function || name == declared.Function {
			found, labels = append(found, o), append(labels, label)
		}
		names = append(names, label)
	}
	f := Finding{Code: "C106", Object: catalog.ID{Kind: kindPattern, Name: declared.Function}, Place: place(declared.Place)}
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		f.Summary = fmt.Sprintf("no selected function or procedure is called %s", declared.Function)
		f.Fix = suggestions(declared.Function, names)
	default:
		f.Summary = fmt.Sprintf("%d functions are called %s", len(found), declared.Function)
		for _, label := range labels {
			f.Fix = append(f.Fix, fmt.Sprintf("function %q { … }", label))
		}
	}
	b.report(f)
	return nil
}
