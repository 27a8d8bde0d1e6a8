package planner

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func renaming(kind string, match string, to func(name string) string) Rename {
	return Rename{Kind: kind, Match: Pattern{Text: match, Parts: strings.Split(match, ".")},
		To: func(_, _, name string) (string, error) { return to(name), nil }}
}

func tableTo(table, to string, columns ...ColumnRule) TableRule {
	schema, local, both := strings.Cut(to, ".")
	if !both {
		schema, local = "", to
	}
	return TableRule{Table: catalog.Name{Schema: "public", Local: table}, To: catalog.Name{Schema: schema, Local: local}, Columns: columns}
}

func composite(name string, attributes ...string) catalog.Object {
	spec := &catalog.Composite{}
	for _, a := range attributes {
		spec.Attributes = append(spec.Attributes, catalog.Attribute{Name: a, Type: "text"})
	}
	return catalog.Object{ID: in(catalog.KindType, name), Spec: spec}
}

func plpgsql(name, body string) catalog.Object {
	return catalog.Object{ID: catalog.ID{Kind: catalog.KindFunction, Schema: "public", Name: name},
		Spec: &catalog.Function{Language: "plpgsql", Definition: "CREATE OR REPLACE FUNCTION public." + name + "()\n RETURNS void\n LANGUAGE plpgsql\nAS $function$" + body + "$function$\n"}}
}

func TestNamesThatDoNotGo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string
	}{
		"C104 two tables": {func(w *world) { w.spec.Tables = []TableRule{tableTo("users", "orders")} },
			[]string{"relation public.orders", "table public.orders and table public.users become public.orders"}},
		"C104 a table and an index": {func(w *world) { w.spec.Tables = []TableRule{tableTo("users", "orders_pkey")} },
			[]string{"relation public.orders_pkey", "table public.users"}},
		"C104 names that only case tells apart": {func(w *world) {
			w.addTo(&w.source, table("Users"), primaryKey("Users", "id"))
			w.spec.Case = strings.ToLower
		}, []string{"relation public.users", "table public.Users and table public.users"}},
		"C104 two columns": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "users", ColumnRule{Column: "email", To: "id"})}
		}, []string{"column public.users.id", "two columns of table public.users"}},
		"C105": {func(w *world) { w.spec.Tables = []TableRule{tableTo("users", strings.Repeat("é", 32))} },
			[]string{"table public." + strings.Repeat("é", 32), "has 64 bytes"}},
		"C106 a column block": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "users", ColumnRule{Column: "emai", To: "mail"})}
		}, []string{"table public.users", "has no column emai", `did you mean "email"`}},
		"C106 a column to leave out": {func(w *world) {
			w.spec.Tables = []TableRule{{Table: catalog.Name{Schema: "public", Local: "users"}, Exclude: []string{"emai"}}}
		}, []string{"table public.users", "has no column emai", `did you mean "email"`}},
		"C106 a body of no function": {func(w *world) {
			w.addTo(&w.source, plpgsql("total", " begin end "))
			w.spec.Bodies = []Body{{Function: "public.totl()", Text: "x", Place: Place{File: "shop.sluice.hcl", Line: 40}}}
		}, []string{`pattern "public.totl()"`, "no selected function", `did you mean "public.total()"`}},
		"C106 a body of several functions": {func(w *world) {
			other := plpgsql("total", " begin end ")
			other.ID.Args = "integer"
			w.addTo(&w.source, plpgsql("total", " begin end "), other)
			w.spec.Bodies = []Body{{Function: "public.total", Text: "x"}}
		}, []string{`pattern "public.total"`, "2 functions are called public.total", `function "public.total(integer)" { … }`}},
		"C130 a body that is no string": {func(w *world) {
			atomic := plpgsql("total", "")
			atomic.Spec = &catalog.Function{Language: "sql", Definition: "CREATE OR REPLACE FUNCTION public.total()\n RETURNS integer\n LANGUAGE sql\nRETURN 1\n"}
			w.addTo(&w.source, atomic)
			w.spec.Bodies = []Body{{Function: "public.total()", Text: "x"}}
		}, []string{"function public.total()", "is no string"}},
		"C107 a view of a column that is left out": {func(w *world) {
			w.spec.Tables = []TableRule{{Table: catalog.Name{Schema: "public", Local: "users"}, Exclude: []string{"email"}}}
			w.addTo(&w.source, catalog.Object{ID: in(catalog.KindView, "mails"), Depends: []catalog.ID{in(catalog.KindTable, "users")},
				Spec: &catalog.View{Definition: " SELECT u.email\n   FROM public.users u;", Columns: []catalog.ViewColumn{{Name: "email", Type: "text"}}}})
		}, []string{"view public.mails", "needs column email of table public.users", `take "email" out of exclude_columns in table "public.users"`, `exclude = ["public.mails"]`}},
		"C107 a generated column": {func(w *world) {
			w.spec.Tables = []TableRule{{Table: catalog.Name{Schema: "public", Local: "users"}, Exclude: []string{"email"}}}
			users := tableSpec(w.source, "users")
			users.Columns = append(users.Columns, catalog.Column{Name: "mail", Number: 9, Type: "text", Default: "lower(email)", Generated: "stored", Statistics: -1})
		}, []string{"table public.users", "needs its column email, which is left out"}},
		"C114 the key is left out": {func(w *world) {
			w.spec.Tables = []TableRule{{Table: catalog.Name{Schema: "public", Local: "events"}, Exclude: []string{"id"}}}
			w.addTo(&w.source, primaryKey("events", "id"))
		}, []string{"table public.events", "find their row by column id, which is left out"}},
		"C127 another name once changes are followed": {func(w *world) {
			p := w.build()
			w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
			w.spec.Tables = []TableRule{tableTo("users", "users_2")}
			delete(w.done.Steps, "create table public.users")
		}, []string{"table public.users_2", "is followed as public.users, and would become public.users_2", "sluice did not make table public.users", "leave it called public.users"}},
		"C104 two attributes": {func(w *world) {
			w.addTo(&w.source, composite("place", "Street", "street"))
			w.spec.Case = strings.ToLower
		}, []string{"attribute public.place.street", "two attributes of type public.place become public.place.street", "on source.old: alter type … rename attribute"}},
		"C105 an attribute": {func(w *world) {
			w.addTo(&w.source, composite("place", strings.Repeat("ɐ", 31)))
			w.spec.Case = strings.ToUpper
		}, []string{"attribute PUBLIC.PLACE." + strings.Repeat("Ɐ", 31), "has 93 bytes", `name_case = "preserve"`}},
		"C130": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "users", ColumnRule{Column: "email", To: "mail"})}
			w.addTo(&w.source, composite("address", "email"), catalog.Object{ID: in(catalog.KindView, "mails"), Spec: &catalog.View{
				Definition: " SELECT (x.row).email AS email\n   FROM ( SELECT users.*::public.users AS row FROM public.users) x", Columns: []catalog.ViewColumn{{Name: "email", Type: "text"}}}})
		}, []string{"view public.mails", "email out of a row, and that is email in one type and mail in another", `exclude = ["public.mails"]`}},
		"C130 a typed table": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "users", ColumnRule{Column: "email", To: "mail"})}
			tableSpec(w.source, "users").Type = catalog.Name{Schema: "public", Local: "person"}
		}, []string{"table public.users", "are those of type public.person", `out of table "public.users"`}},
		"C131": {func(w *world) {
			w.spec.Renames = []Rename{{Kind: "table", Match: Pattern{Text: "public.users", Parts: []string{"public", "users"}},
				To: func(_, _, _ string) (string, error) { return "", errors.New("no such function") }}}
		}, []string{`pattern "public.users"`, "gives no name for public.users", "no such function"}},
		"W208": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "people", ColumnRule{Column: "email", To: "mail"})}
			w.addTo(&w.source, plpgsql("f", "begin\n  perform email from public.users;\n  execute 'delete from users';\nend"))
		}, []string{"function public.f()", "line 2: email is mail; line 2: public.users is public.people; line 3: users, in a string is people"}},
		"W208 an attribute": {func(w *world) {
			w.spec.Case = strings.ToLower
			w.addTo(&w.source, composite("place", "Street"), plpgsql("f", `begin perform (p)."Street" from public.places; end`))
		}, []string{"function public.f()", `line 1: "Street" is street`}},
		"W221 a rule that matches nothing": {func(w *world) {
			w.spec.Renames = []Rename{renaming("table", "public.usres", strings.ToUpper)}
		}, []string{`pattern "public.usres"`, "matches no selected table"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			c.change(w)
			p := w.build()
			code, _, _ := strings.Cut(name, " ")
			if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == code && saysAll(f, c.want) }) {
				t.Errorf("want %s %q, got %+v", code, c.want, p.Findings)
			}
		})
	}
}

func saysAll(f Finding, words []string) bool {
	text := f.Object.String() + "\n" + f.Summary + "\n" + f.Detail + "\n" + strings.Join(f.Fix, "\n")
	return strings.HasPrefix(text, words[0]) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// What only has a schema before it, and no columns with other names, is changed
// in a body, and the plan shows where.
func TestABodyGetsNamesThatAreBeyondDoubt(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.spec.Renames = []Rename{renaming("schema", "public", func(string) string { return "crm" })}
	w.addTo(&w.source, plpgsql("f", "begin\n  delete from public.users; -- public.users\nend"))
	p := w.build()
	id := catalog.ID{Kind: catalog.KindFunction, Schema: "crm", Name: "f"}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Object == id })
	if i < 0 {
		t.Fatalf("no step for %s", id)
	}
	s := p.Steps[i]
	if sql := strings.Join(s.SQL, "\n"); !strings.Contains(sql, "delete from crm.users; -- public.users") {
		t.Errorf("the statement is %s", sql)
	}
	if !slices.Contains(s.Note, "body, line 2: public.users is crm.users") {
		t.Errorf("the notes are %q", s.Note)
	}
	if slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "W208" || f.Blocks() }) {
		t.Errorf("%+v", p.Findings)
	}
}

// A schema that only a name leads to is created; one that nothing is left for is not.
func TestSchemasFollowTheirTables(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.spec.Include = []Pattern{pattern("public.users", 1)}
	w.spec.Tables = []TableRule{tableTo("users", "crm.people")}
	p := w.build()
	var made []string
	for _, s := range p.Steps {
		if s.Action == Create && s.Side == Target {
			made = append(made, s.ID)
		}
	}
	want := []string{"create schema crm", "create table crm.people", "create constraint crm.people.users_pkey"}
	for _, id := range want {
		if !slices.Contains(made, id) {
			t.Errorf("%s is not among %q", id, made)
		}
	}
	if slices.ContainsFunc(made, func(id string) bool { return strings.Contains(id, "public") }) {
		t.Errorf("the plan makes %q", made)
	}
}

// A body that is declared takes the place of the source's, as it is: no name in
// it is changed or mentioned.
func TestADeclaredBody(t *testing.T) {
	t.Parallel()
	w := &world{spec: everything(), source: shop(), target: emptyTarget()}
	w.addTo(&w.source, plpgsql("total", " begin perform users; end "))
	w.spec.Tables = []TableRule{tableTo("users", "people")}
	if p := w.build(); !slices.ContainsFunc(p.Findings, func(f Finding) bool {
		return f.Code == "W208" && slices.ContainsFunc(f.Fix, func(fix string) bool { return strings.Contains(fix, `function "public.total()" { body`) })
	}) {
		t.Errorf("no W208 that says how to give a body: %+v", p.Findings)
	}
	w.spec.Bodies = []Body{{Function: "public.total", Text: " begin perform people, users, '$function$'; end "}}
	p := w.build()
	for _, f := range p.Findings {
		if f.Code == "W208" {
			t.Errorf("%+v", f)
		}
	}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == "create function public.total()" })
	want := "AS $functionx$ begin perform people, users, '$function$'; end $functionx$"
	if sql := strings.Join(p.Steps[i].SQL, "\n"); !strings.Contains(sql, want) || !slices.Contains(p.Steps[i].Note, "body as declared") {
		t.Errorf("%s\n%v", sql, p.Steps[i].Note)
	}
}

// The plan says what an attribute was called.
func TestAttributesSayWhatTheyWere(t *testing.T) {
	t.Parallel()
	w := &world{spec: everything(), source: shop(), target: emptyTarget()}
	w.addTo(&w.source, composite("place", "Street", "zip"))
	w.spec.Case = strings.ToLower
	if s := stepOf(w.build(), "create type public.place"); !slices.Contains(s.Note, "street was Street") || len(s.Note) != 2 {
		t.Errorf("the notes are %q", s.Note)
	}
}
