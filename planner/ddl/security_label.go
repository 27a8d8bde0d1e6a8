package ddl

import "sluice/planner/catalog"

func createSecurityLabel(o *catalog.Object, label *catalog.SecurityLabel) string {
	return labelling(o, label) + catalog.Literal(label.Label)
}

func dropSecurityLabel(o *catalog.Object, label *catalog.SecurityLabel) string {
	return labelling(o, label) + "null"
}

func labelling(o *catalog.Object, label *catalog.SecurityLabel) string {
	on := reference(&catalog.Object{ID: label.On})
	switch {
	case label.Column != "":
		on = "column " + label.On.Qualified().SQL() + "." + catalog.Quote(label.Column)
	case label.On.Kind == catalog.KindFunction: // or a procedure, which an ID does not tell
		on = "routine " + label.On.Qualified().SQL() + "(" + label.On.Args + ")"
	}
	return "security label for " + catalog.Quote(o.ID.Name) + " on " + on + " is "
}
