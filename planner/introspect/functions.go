package introspect

import (
	"path"
	"strings"

	"sluice/planner/catalog"
)

type functionRow struct {
	named
	Args       string
	Language   string
	Procedure  bool
	Definition string
	Library    string // pg_proc.probin
}

func (r *reader) addFunction(row functionRow) {
	id := catalog.ID{Kind: catalog.KindFunction, Schema: row.Schema, Name: row.Name, Args: row.Args}
	r.add(classProc, row.named, id, &catalog.Function{
		Definition: row.Definition,
		Language:   row.Language,
		Procedure:  row.Procedure,
		Library:    library(row.Library),
	})
}

// library is what a file that functions come from is called wherever it lies:
// without $libdir/ or another directory, and without the suffix, which the
// server adds where it finds no file of the very name.
// https://www.postgresql.org/docs/current/xfunc-c.html#XFUNC-C-DYNLOAD
func library(file string) string {
	if file == "" {
		return ""
	}
	file = path.Base(strings.ReplaceAll(file, `\`, "/"))
	for _, suffix := range []string{".so", ".dylib", ".dll", ".sl"} {
		if name, ok := strings.CutSuffix(file, suffix); ok {
			return name
		}
	}
	return file
}

// calledRow is a function that other objects name.
type calledRow struct {
	OID    uint32
	Schema string
	Name   string
	Args   string
}

func (r *reader) addCalled(row calledRow) { r.called[row.OID] = row }

// function is the function's name as SQL, empty where oid is 0.
func (r *reader) function(oid uint32) string {
	row := r.called[oid]
	return quoted(row.Schema, row.Name)
}

// signature is the function's name as SQL with the types of its arguments,
// empty where oid is 0.
func (r *reader) signature(oid uint32) string {
	if oid == 0 {
		return ""
	}
	return r.function(oid) + "(" + r.called[oid].Args + ")"
}
