package transform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

func expression(sql, kind string, uses ...string) *planner.Expression {
	base, _, _ := strings.Cut(kind, "(")
	return &planner.Expression{SQL: sql, Base: base, Type: kind, Uses: uses}
}

// orders has a key and a value of it, a filter outside the key, and a long value.
func orders(t *testing.T) *Shape {
	t.Helper()
	spec := &planner.CopySpec{
		From: catalog.Name{Schema: "public", Local: "orders"}, Identity: []string{"id"},
		Where: expression("open -- only", "boolean", "open"),
		Columns: []planner.CopyColumn{
			{Name: "id", From: "id", Type: "integer", Value: expression("id + 1", "numeric(9,2)", "id")},
			{Name: "note", From: "note", Type: "text", Collation: `"pg_catalog"."C"`, Value: expression("left(note, n)", "varchar(5)", "note", "n")},
			{Name: "op", Value: &planner.Expression{SQL: "sluice_op", Base: "text", Type: "text", Stamps: []catalog.Stamp{catalog.StampOp}}},
		},
		Left: []planner.LeftColumn{{From: "open", Type: "boolean"}, {From: "n", Type: "integer"}},
	}
	s, err := NewShape(spec, []string{"id", "note", "open", "n"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// row has the texts as values; "unsent" and "null" are none.
func row(texts ...string) (t stream.Tuple) {
	for _, text := range texts {
		switch text {
		case "unsent":
			t = append(t, stream.Value{Kind: stream.Unchanged})
		case "null":
			t = append(t, stream.Value{Kind: stream.Null})
		case "":
			t = append(t, stream.Value{Kind: stream.Text})
		default:
			t = append(t, stream.Value{Kind: stream.Text, Text: []byte(text)})
		}
	}
	return t
}

// A statement computes what the row has the columns for: behind the filter, but
// for the key, by which a row is found that no longer passes.
func TestAStatementComputesWhatIsKnown(t *testing.T) {
	t.Parallel()
	const filter = "coalesce((open -- only\n), false)"
	for name, c := range map[string]struct {
		row  Row
		want string
		args []string
	}{
		"a whole row": {
			Row{Values: row("1", "", "t", "null"), Stamps: Stamps{Op: "insert"}},
			"select " + filter + ", cast((id + 1\n) as numeric), case when " + filter + " then cast((left(note, n)\n) as varchar) end, case when " + filter + " then cast((sluice_op\n) as text) end" +
				` from (select $1::integer as "id", $2::text collate "pg_catalog"."C" as "note", $3::boolean as "open", $4::integer as "n", $5::text as "sluice_op" offset 0) as sluice_row`,
			[]string{"1", "", "t", "nil", "insert"},
		},
		"an old key": {
			Row{Values: row("1", "unsent", "unsent", "unsent"), Find: true},
			`select null, cast(cast((id + 1` + "\n" + `) as numeric) as numeric(9,2)), null, null from (select $1::integer as "id" offset 0) as sluice_row`,
			[]string{"1"},
		},
		"a long value that was not sent": {
			Row{Values: row("1", "unsent", "f", "3"), Stamps: Stamps{Op: "update"}},
			"select " + filter + ", cast((id + 1\n) as numeric), null, case when " + filter + " then cast((sluice_op\n) as text) end" +
				` from (select $1::integer as "id", $2::boolean as "open", $3::text as "sluice_op" offset 0) as sluice_row`,
			[]string{"1", "f", "update"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := orders(t)
			st := s.statement(c.row)
			if diff := cmp.Diff(c.want, st.sql); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var args []string
			for _, a := range st.arguments(c.row) {
				if a == nil {
					a = []byte("nil")
				}
				args = append(args, string(a))
			}
			if diff := cmp.Diff(c.args, args); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			if s.statement(c.row) != st {
				t.Error("the same statement is made again")
			}
		})
	}
}

func TestAShapeNeedsTheColumnsOfThePlan(t *testing.T) {
	t.Parallel()
	spec := &planner.CopySpec{From: catalog.Name{Schema: "public", Local: "t"}, Where: expression("new", "boolean", "new")}
	if _, err := NewShape(spec, []string{"new"}); err == nil || !strings.Contains(err.Error(), `column "new" of public.t`) {
		t.Errorf("error %v", err)
	}
	if _, err := NewShape(spec, nil); err != nil {
		t.Error(err)
	}
}
