package introspect

import "sluice/planner/catalog"

type functionRow struct {
	named
	Args       string
	Language   string
	Procedure  bool
	Definition string
}

func (r *reader) addFunction(row functionRow) {
	id := catalog.ID{Kind: catalog.KindFunction, Schema: row.Schema, Name: row.Name, Args: row.Args}
	r.add(classProc, row.named, id, row.spec())
}

func (row functionRow) spec() catalog.Spec {
	switch row.Language {
	case "c":
		return &catalog.Unsupported{Reason: "written in C", Code: "N310"}
	case "internal":
		return &catalog.Unsupported{Reason: "internal to the server", Code: "N310"}
	}
	return &catalog.Function{Definition: row.Definition, Language: row.Language, Procedure: row.Procedure}
}
