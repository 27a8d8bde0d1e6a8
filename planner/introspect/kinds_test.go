package introspect

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

var update = flag.Bool("update", false, "write the golden files anew")

// script is a file of testdata.
func script(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// describe writes down all of a catalog that is the same on every server, and
// of that only what is not zero.
func describe(t testing.TB, c *catalog.Catalog) string {
	t.Helper()
	var text strings.Builder
	for _, o := range c.Objects {
		fmt.Fprintf(&text, "%s\n", o.ID)
		if o.Comment != "" {
			fmt.Fprintf(&text, "  comment %q\n", o.Comment)
		}
		for _, id := range o.Depends {
			fmt.Fprintf(&text, "  needs %s\n", id)
		}
		for _, name := range o.Extensions {
			fmt.Fprintf(&text, "  goes with %s\n", name)
		}
		describeSpec(t, &text, o.Spec)
	}
	return text.String()
}

// describeSpec gives each column a line of its own.
func describeSpec(t testing.TB, text *strings.Builder, spec catalog.Spec) {
	t.Helper()
	var columns []catalog.Column
	var ofView []catalog.ViewColumn
	var rest any = spec
	switch spec := spec.(type) {
	case *catalog.Table:
		table := *spec
		table.Columns = nil
		columns, rest = spec.Columns, table
	case *catalog.ForeignTable:
		table := *spec
		table.Columns = nil
		columns, rest = spec.Columns, table
	case *catalog.View:
		view := *spec
		view.Columns = nil
		ofView, rest = spec.Columns, view
	case *catalog.MaterializedView:
		view := *spec
		view.Columns = nil
		ofView, rest = spec.Columns, view
	}
	fmt.Fprintf(text, "  %T %s\n", spec, properties(t, rest))
	for _, column := range columns {
		fmt.Fprintf(text, "  column %s stable=%t ordered=%t\n", properties(t, column), column.Stable, column.Ordered)
	}
	for _, column := range ofView {
		fmt.Fprintf(text, "  column %s\n", properties(t, column))
	}
}

// properties are the fields of a value that are not zero, as JSON.
func properties(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var fields any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // a bigint does not fit into a float
	if err := decoder.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(notZero(fields)); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func notZero(value any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return value
	}
	for name, field := range fields {
		field = notZero(field)
		list, isList := field.([]any)
		if field == nil || field == "" || field == false || isList && len(list) == 0 {
			delete(fields, name)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}

func TestEveryKindIsReadTheSameOnEveryMajor(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		for _, kinds := range []string{"kinds", "types"} {
			url := server.Database(t)
			sandbox.Exec(t, url, script(t, kinds+".sql"))
			golden(t, kinds+".golden", describe(t, read(t, url)))
		}
	})
}

func TestEveryKindThatStaysBehindIsListedOnce(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, script(t, "others.sql"))
		sandbox.Exec(t, url, "create subscription hither connection '' publication p with (connect = false, slot_name = none)")
		t.Cleanup(func() { sandbox.Exec(t, url, "drop subscription hither") }) // else the database could not be dropped

		golden(t, "others.golden", describe(t, read(t, url)))
	})
}
