package ddl

import "sluice/planner/catalog"

func createComposite(o *catalog.Object, composite *catalog.Composite) []string { return nil }

func createRange(o *catalog.Object, r *catalog.Range, version int) string { return "" }

func createBase(o *catalog.Object, base *catalog.Base, version int) string { return "" }

func createShell(o *catalog.Object) string { return "create type " + o.ID.Qualified().SQL() }

func createCollation(o *catalog.Object, collation *catalog.Collation) string { return "" }

func createConversion(o *catalog.Object, conversion *catalog.Conversion) string { return "" }

func createCast(o *catalog.Object, cast *catalog.Cast) string { return "" }
