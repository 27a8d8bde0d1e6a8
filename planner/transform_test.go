package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/planner/catalog"
	"sluice/state"
)

// transforming is a world in which a table block is declared, and the source has
// answered as change says.
func transforming(rule TableRule, change func(*world, *catalog.Expression)) *world {
	w := &world{spec: everything(), source: shop(), target: emptyTarget()}
	rule.Place = Place{File: "shop.sluice.hcl", Line: 30}
	w.spec.Tables = []TableRule{rule}
	w.answer(change)
	return w
}

// answer has the source take every expression, with columns of the row that are
// named in it, but for what change says.
func (w *world) answer(change func(*world, *catalog.Expression)) {
	w.source.Expressions = w.spec.Expressions()
	for i := range w.source.Expressions {
		e := &w.source.Expressions[i]
		if e.Type == "" {
			e.Type = "text"
			e.Result, e.As, e.Base, e.Type = "text", "text", "text", ""
		} else {
			e.Result, e.As, e.Base = e.Type, e.Type, strings.Split(e.Type, "(")[0]
		}
		e.Fits = true
		if o := w.source.Find(catalog.ID{Kind: catalog.KindTable, Schema: e.Table.Schema, Name: e.Table.Local}); o != nil {
			for _, c := range o.Table().Columns {
				if strings.Contains(e.SQL, c.Name) {
					e.Uses = append(e.Uses, c.Name)
				}
			}
		}
		for _, s := range catalog.Stamps {
			if strings.Contains(e.SQL, string(s.Stamp)) {
				e.Stamps = append(e.Stamps, s.Stamp)
			}
		}
		if change != nil {
			change(w, e)
		}
	}
}

func text(sql string) Text {
	return Text{SQL: sql, Place: Place{File: "shop.sluice.hcl", Line: 31}, At: func(n int) Place { return Place{File: "shop.sluice.hcl", Line: 31, Column: 10 + n} }}
}

func filtered(table, where string) TableRule {
	return TableRule{Table: named("public", table), Where: text(where)}
}

func computed(table string, c ColumnRule) TableRule {
	return TableRule{Table: named("public", table), Columns: []ColumnRule{c}}
}

func TestTransformsThatDoNotGo(t *testing.T) {
	t.Parallel()
	full := func(w *world, _ *catalog.Expression) {
		tableSpec(w.source, "users").Identity.Kind = catalog.IdentityFull
	}
	for name, c := range map[string]struct {
		rule   TableRule
		change func(*world, *catalog.Expression)
		want   []string
	}{
		"C120 refused": {filtered("users", "emial like 'a%'"), func(_ *world, e *catalog.Expression) {
			e.Refused = &catalog.Refusal{Message: `column "emal" does not exist`, Hint: "only the row's own columns", Position: 1}
		}, []string{"C120", "table public.users", "source.old does not take emial like 'a%'", `column "emal" does not exist`, "only the row's own columns", "shop.sluice.hcl:31"}},
		"C120 mutable": {filtered("users", "email < now()::text"), func(_ *world, e *catalog.Expression) { e.Mutable = true },
			[]string{"C120", "table public.users", "not IMMUTABLE", "timestamptz '"}},
		"C121 a filter of another type": {filtered("users", "length(email)"), func(_ *world, e *catalog.Expression) { e.Result, e.Fits = "integer", false },
			[]string{"C121", "table public.users", "the filter of table public.users is integer, not boolean"}},
		"C121 a value of another type": {computed("users", ColumnRule{Column: "email", Value: text("length(email)")}), func(_ *world, e *catalog.Expression) { e.Result, e.Fits = "integer", false },
			[]string{"C121", "table public.users", "is integer, and the column is text", "cast(length(email) as text)"}},
		"C121 no such type": {computed("users", ColumnRule{Column: "email", Type: text("citex")}), func(_ *world, e *catalog.Expression) {
			e.Refused = &catalog.Refusal{Message: `type "citex" does not exist`, OfType: true}
		}, []string{"C121", "table public.users", `type "citex" does not exist`}},
		"C106 no such column": {computed("users", ColumnRule{Column: "emal", Value: text("lower(emal)")}), func(_ *world, e *catalog.Expression) { *e = catalog.Expression{} },
			[]string{"C106", "table public.users", `did you mean "email"?`}},
		"C132 a generated column": {computed("orders", ColumnRule{Column: "length", Value: text("1")}), nil,
			[]string{"C132", "table public.orders", "column length of table public.orders is generated"}},
		"C132 reads a generated column": {filtered("orders", "length > 1"), nil,
			[]string{"C132", "table public.orders", "reads the generated column length"}},
		"C132 what a table is partitioned by": {computed("events", ColumnRule{Column: "id", Value: text("id + 1")}), nil,
			[]string{"C132", "table public.events", "says which partition a row is in", "add another one"}},
		"C132 adds what is there": {computed("users", ColumnRule{Column: "email", Add: true, Type: text("text"), Value: text("'x'")}), nil,
			[]string{"C132", "table public.users", "has a column email already", "leave out add"}},
		"C132 a column of the table above": {computed("events_1", ColumnRule{Column: "kind", Value: text("lower(kind)")}), nil,
			[]string{"C132", "table public.events_1", "is that of table public.events", `declare it in table "public.events"`}},
		"C132 adds to a partition alone": {computed("events_1", ColumnRule{Column: "new", Add: true, Type: text("text"), Value: text("'x'")}), nil,
			[]string{"C132", "table public.events_1", `declare it in table "public.events"`}},
		"C132 a key of what is no key": {computed("users", ColumnRule{Column: "id", Type: text("bigint"), Value: text("length(email)")}), nil,
			[]string{"C132", "table public.users", "column id is in the key", "reads email", `replica_identity = "full"`}},
		"C132 a key that is another with each change": {computed("users", ColumnRule{Column: "id", Type: text("pg_lsn"), Value: text("sluice_lsn")}), nil,
			[]string{"C132", "table public.users", "cannot hold sluice_lsn"}},
		"C132 rows of its own": {filtered("users", "email <> ''"), func(w *world, _ *catalog.Expression) {
			w.spec.Tables[0].OnExisting = ExistingAppend
			w.addTo(&w.target, table("users", "email"), primaryKey("users", "id"))
		}, []string{"C132", "table public.users", "the target has rows of its own", `replica_identity = "full"`}},
		"W218":                    {filtered("users", "email <> ''"), nil, []string{"W218", "table public.users", "outside its key", "shop.sluice.hcl:31"}},
		"W218 of a partition":     {filtered("events", "kind <> ''"), nil, []string{"W218", "table public.events_1", "outside its key"}},
		"W219":                    {filtered("users", "id > 5"), nil, []string{"W219", "foreign key public.orders.orders_user_id_fkey", "refers to table public.users, of which only rows go where id > 5"}},
		"W218 not of a key":       {filtered("users", "id > 5"), nil, []string{"no W218"}},
		"W218 not of whole rows":  {filtered("users", "email <> ''"), full, []string{"no W218"}},
		"C132 not of whole rows":  {computed("users", ColumnRule{Column: "id", Type: text("bigint"), Value: text("length(email)")}), full, []string{"no C132"}},
		"C132 not without stream": {filtered("orders", "length > 1"), func(w *world, _ *catalog.Expression) { w.spec.Stages.Incremental = false }, []string{"no C132"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := transforming(c.rule, c.change).build()
			if code, none := strings.CutPrefix(c.want[0], "no "); none {
				for _, f := range p.Findings {
					if f.Code == code {
						t.Errorf("%s: %s", f.Code, f.Summary)
					}
				}
				return
			}
			expect(t, p, c.want[0], c.want[1:])
		})
	}
}

// A refusal is shown at its character, in the SQL or in the type alone.
func TestARefusalHasItsPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule   ColumnRule
		at     int
		column int
	}{
		"in a value":           {ColumnRule{Column: "email", Value: text("lowr(email)")}, 1, 11},
		"in a type that casts": {ColumnRule{Column: "email", Type: text("citex")}, len(`cast("email" as `) + 3, 13},
		"nobody knows where":   {ColumnRule{Column: "email", Value: text("lowr(email)")}, 0, 0},
	} {
		w := transforming(computed("users", c.rule), func(_ *world, e *catalog.Expression) {
			e.Refused = &catalog.Refusal{Message: "no", Position: c.at}
		})
		p := w.build()
		if len(p.Findings) == 0 || p.Findings[0].Code != "C120" || p.Findings[0].Place.Column != c.column {
			t.Errorf("%s: %+v", name, p.Findings)
		}
	}
}

// What is declared is in the table that is created and in how its rows travel, and
// in those of its partitions.
func TestTransformsGoIntoTheSteps(t *testing.T) {
	t.Parallel()
	rule := filtered("events", "kind <> 'noise'")
	rule.Columns = []ColumnRule{
		{Column: "kind", To: "sort", Type: text("character varying(9)"), Value: text("lower(kind)")},
		{Column: "Source", Add: true, Type: text("text not null"), Value: text("'old'")},
	}
	w := transforming(rule, nil)
	w.spec.Case = strings.ToLower // an added column has its name already
	w.done = state.State{}
	p := w.build()
	steps := map[string]*Step{}
	for i := range p.Steps {
		steps[p.Steps[i].ID] = &p.Steps[i]
	}
	for _, name := range []string{"events", "events_1"} {
		sql := strings.Join(steps["create table public."+name].SQL, "\n")
		for _, want := range []string{`"sort" character varying(9)`, `"Source" text NOT NULL`} {
			if !strings.Contains(strings.ToLower(sql), strings.ToLower(want)) || !strings.Contains(sql, `"Source"`) {
				t.Errorf("create table %s has no %s:\n%s", name, want, sql)
			}
		}
	}
	step := steps["copy table public.events_1"]
	want := &CopySpec{
		From: named("public", "events_1"), Mode: TableSnapshot, Identity: []string{"id"},
		Where: &Expression{SQL: "kind <> 'noise'", Base: "boolean", Type: "boolean", Uses: []string{"kind"}},
		Columns: []CopyColumn{
			{Name: "id", From: "id", Type: "bigint", Number: 1},
			{Name: "sort", From: "kind", Type: "text", Number: 2, Value: &Expression{SQL: "lower(kind)", Base: "character varying", Type: "character varying(9)", Uses: []string{"kind"}}},
			{Name: "Source", Value: &Expression{SQL: "'old'", Base: "text", Type: "text"}},
		},
	}
	if diff := cmp.Diff(want, step.Copy); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if notes := strings.Join(step.Note, "; "); notes != "sort is lower(kind); Source is 'old'; where kind <> 'noise'" {
		t.Errorf("notes: %s", notes)
	}
	if out := step.Copy.Columns[1].Out(); out != "cast((lower(kind)\n) as character varying)" {
		t.Errorf("the source gives %s", out)
	}
}

// A saved plan notices another value, and only that.
func TestAnotherValueMakesAPlanStale(t *testing.T) {
	t.Parallel()
	saved := transforming(filtered("users", "id > 5"), nil).build()
	if moved := Stale(saved, transforming(filtered("users", "id > 5"), nil).build()); len(moved) > 0 {
		t.Errorf("nothing has changed: %+v", moved)
	}
	moved := Stale(saved, transforming(filtered("users", "id > 6"), nil).build())
	if len(moved) != 1 || moved[0].Object != in(catalog.KindTable, "users") {
		t.Errorf("%+v", moved)
	}
}
