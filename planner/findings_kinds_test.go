package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func extension(name, version string) catalog.Object {
	return catalog.Object{ID: catalog.ID{Kind: catalog.KindExtension, Name: name}, Spec: &catalog.Extension{Schema: "public", Version: version}}
}

func policy(table, name string, roles ...string) catalog.Object {
	return catalog.Object{ID: on(catalog.KindPolicy, table, name), Spec: &catalog.Policy{Command: "all", Permissive: true, Roles: roles, Using: "true"}}
}

func eventTrigger(name string) catalog.Object {
	return catalog.Object{ID: catalog.ID{Kind: catalog.KindEventTrigger, Name: name},
		Spec: &catalog.EventTrigger{Event: "ddl_command_end", Enabled: "origin", Function: in(catalog.KindFunction, "touch")}}
}

func largeObjects() catalog.Object {
	return catalog.Object{ID: catalog.ID{Kind: catalog.KindLargeObjects, Name: "pg_largeobject"}, Spec: &catalog.LargeObjects{Count: 3}}
}

// whole is what of a whole database a plan is made of.
func whole() *world {
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.spec.Include = []Pattern{pattern("*.*", 14)}
	w.target.Server.Roles = []string{"app", "migrator"}
	return w
}

func TestFindingsOfKindsBesideTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string // code, object, and words that the finding must say
	}{
		"C101 large objects": {func(w *world) {
			w.addTo(&w.source, largeObjects())
			w.addTo(&w.target, largeObjects())
		}, []string{"large objects pg_largeobject", "already", "lo_unlink"}},
		"C102 an extension in another schema": {func(w *world) {
			w.addTo(&w.source, extension("citext", "1.6"))
			there := extension("citext", "1.6")
			there.Spec.(*catalog.Extension).Schema = "ext"
			w.addTo(&w.target, there)
		}, []string{"extension citext", `schema: "ext", on the source "public"`}},
		"C107 a policy for a role that is not there": {func(w *world) { w.addTo(&w.source, policy("orders", "own", "clerk")) },
			[]string{"policy public.orders.own", "needs role clerk", `create role "clerk"`, `roles = { "clerk" =`}},
		"C108 not there": {func(w *world) { w.addTo(&w.source, extension("postgis", "3.1.4")) },
			[]string{"extension postgis", "3.1.4", "does not have it", `exclude = ["postgis"]`}},
		"C108 only older ones": {func(w *world) {
			w.addTo(&w.source, extension("postgis", "3.10.0"))
			w.target.Server.Available = map[string][]string{"postgis": {"3.9.2", "3.9.1"}}
		}, []string{"extension postgis", "no later version of it than 3.9.2"}},
		"C108 an older one is created": {func(w *world) {
			w.addTo(&w.source, extension("citext", "1.6"))
			w.addTo(&w.target, extension("citext", "1.4"))
		}, []string{"extension citext", "has version 1.4", `alter extension "citext" update`}},
		"C109 no superuser for event triggers": {func(w *world) {
			w.spec.Stages.Incremental = false
			w.target.Server.MayReplicaRole = false
			w.addTo(&w.source, eventTrigger("audit"))
		}, []string{"database shop_prod", "may not create event triggers", `exclude = ["audit"]`}},
		"C109 policies hide rows": {func(w *world) {
			tableSpec(w.source, "users").RowSecurity, tableSpec(w.source, "users").Access.Owner = true, false
		}, []string{"database shop", "may not read past the policies of 1 table", `alter role "migrator" bypassrls`}},
		"C109 forced policies refuse rows": {func(w *world) {
			tableSpec(w.source, "users").RowSecurity, tableSpec(w.source, "users").ForceRowSec = true, true
			w.source.Server.BypassRLS = true
		}, []string{"database shop_prod", "may not write past the policies of 1 table"}},
		"C124 a column with a default in rows that are copied": {func(w *world) {
			addColumn(w, catalog.Column{Name: "vat", Type: "numeric", Default: "19", Statistics: -1})
		}, []string{"table public.users", "nobody can tell what they have in vat"}},
		"C124 a column of another type": {func(w *world) {
			p := w.build()
			w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
			users := *tableSpec(w.source, "users")
			users.Columns = slices.Clone(users.Columns)
			users.Columns[1].Type = "varchar(10)"
			w.source.Find(in(catalog.KindTable, "users")).Spec = &users
		}, []string{"table public.users", "columns"}},
		"C128 a virtual column": {func(w *world) {
			w.source.Server.Version, w.target.Server.Version = 180000, 170000
			w.source.Find(in(catalog.KindTable, "users")).Spec.(*catalog.Table).Columns = append(
				tableSpec(w.source, "users").Columns, catalog.Column{Name: "v", Type: "int", Default: "1", Generated: "virtual", Statistics: -1})
		}, []string{"table public.users", "virtual generated column", "since 18"}},
		"C128 NULLS NOT DISTINCT": {func(w *world) {
			w.source.Server.Version, w.target.Server.Version = 170000, 140000
			i := index("users", "odd NULLS NOT DISTINCT")
			i.Spec.(*catalog.Index).Definition += " NULLS NOT DISTINCT"
			w.addTo(&w.source, i)
		}, []string{`index public."odd NULLS NOT DISTINCT"`, "since 15"}},
		"C129": {func(w *world) {
			w.spec.KeepTablespaces = true
			tableSpec(w.source, "users").Tablespace = "fast"
		}, []string{"table public.users", "no tablespace fast", `tablespaces = "default"`}},
		"N311": {func(w *world) { w.addTo(&w.source, eventTrigger("audit")) },
			[]string{"event trigger audit", "created at cutover"}},
		"W204": {func(w *world) { w.addTo(&w.source, largeObjects()) },
			[]string{"large objects pg_largeobject", "do not arrive"}},
		"W209 a rule": {func(w *world) {
			w.addTo(&w.source, catalog.Object{ID: on(catalog.KindRule, "orders", "log"), Spec: &catalog.Rule{Definition: "CREATE RULE …", Enabled: "always"}})
		}, []string{"rule public.orders.log", "created at cutover"}},
		"W216 an owner": {func(w *world) { w.spec.Owners = true },
			[]string{"role shop", "what it owns belongs to migrator", `create role "shop"`}},
		"W216 a grantee": {func(w *world) {
			w.spec.Grants = true
			w.source.Find(in(catalog.KindTable, "users")).Grants = &catalog.Grants{List: []catalog.Grant{{Grantee: "clerk", Privilege: "SELECT"}}}
		}, []string{"role clerk", "its privileges are left out"}},
		"W216 a user mapping": {func(w *world) {
			w.addTo(&w.source, catalog.Object{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: "clerk", Args: "far"}, Spec: &catalog.UserMapping{}})
		}, []string{"role clerk", "user mapping clerk(far) is left out"}},
		"W228": {func(w *world) {
			w.addTo(&w.source, catalog.Object{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: "app", Args: "far"},
				Spec: &catalog.UserMapping{Options: []string{"user=app"}, Secrets: []string{"password"}}})
		}, []string{"user mapping app(far)", "arrives without password"}},
		"W227": {func(w *world) { w.source.Server.Version, w.target.Server.Version = 170000, 160000 }, []string{"database shop_prod", "older than source.old"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := whole()
			c.change(w)
			expect(t, w.build(), name[:4], c.want)
		})
	}
}

// addColumn lets the users have one column more after they were copied.
func addColumn(w *world, c catalog.Column) {
	p := w.build()
	w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
	users := *tableSpec(w.source, "users")
	users.Columns = append(slices.Clone(users.Columns), c)
	w.source.Find(in(catalog.KindTable, "users")).Spec = &users
}

func step(p *Plan, id string) *Step {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

func omitted(p *Plan, object string) string {
	for _, o := range p.NotMigrated {
		if o.Object.String() == object {
			return strings.TrimSpace(o.Code + " " + o.Reason)
		}
	}
	return ""
}

func TestAColumnThatIsNewOnTheSourceIsAdded(t *testing.T) {
	t.Parallel()
	w := whole()
	addColumn(w, catalog.Column{Name: "vat", Type: "numeric", Statistics: -1})
	p := w.build()
	if p.Conflicts() > 0 {
		t.Errorf("%+v", p.Findings)
	}
	add := step(p, "alter table public.users add column vat")
	if add == nil || add.Done || !slices.Equal(add.SQL, []string{`alter table "public"."users" add column "vat" numeric`}) {
		t.Fatalf("the step is %+v", add)
	}
	columns := step(p, "copy table public.users").Copy.Columns
	if last := columns[len(columns)-1]; last.Name != "vat" || !last.Added {
		t.Errorf("the changes are told of %+v", last)
	}
	w.done.Steps[add.ID] = state.Step{State: state.StepDone, Fingerprint: add.Fingerprint}
	w.target.Find(in(catalog.KindTable, "users")).Spec = tableSpec(w.source, "users")
	if again := w.build(); again.Conflicts() > 0 || !step(again, add.ID).Done {
		t.Errorf("the plan after it: %+v", again.Findings)
	}
}

func TestFunctionsInCStayUnlessTheirLibraryIsThere(t *testing.T) {
	t.Parallel()
	c := function("sum_c")
	c.Spec = &catalog.Function{Language: "c", Library: "summing", Definition: "CREATE OR REPLACE FUNCTION …"}
	for name, test := range map[string]struct {
		change func(*catalog.Server)
		want   string
	}{
		"no library":   {func(s *catalog.Server) { s.Superuser = true }, "N310 written in C: its library summing is not on target.new"},
		"no superuser": {func(s *catalog.Server) { s.Libraries = []string{"summing"} }, "N310 its language is c: only a superuser may create it"},
		"both":         {func(s *catalog.Server) { s.Libraries, s.Superuser = []string{"summing"}, true }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := whole()
			w.addTo(&w.source, c)
			test.change(&w.target.Server)
			p := w.build()
			if got := omitted(p, "function public.sum_c()"); got != test.want {
				t.Errorf("it is left because %q, want %q", got, test.want)
			}
			if there := step(p, "create function public.sum_c()") != nil; there != (test.want == "") {
				t.Errorf("created: %t", there)
			}
		})
	}
}

func TestExtensionsAreCreatedAsAnUpgradeWould(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		available []string
		want      string
	}{
		"the default one":                      {[]string{"1.10", "1.4"}, "version 1.10, on the source 1.4"},
		"its own where the default one is old": {[]string{"1.3", "1.4"}, "version 1.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := whole()
			w.spec.Include = []Pattern{pattern("public.*", 14)}
			w.addTo(&w.source, extension("cube", "1.4"))
			w.source.Find(in(catalog.KindTable, "users")).Depends = []catalog.ID{{Kind: catalog.KindExtension, Name: "cube"}}
			w.target.Server.Available = map[string][]string{"cube": test.available}
			s := step(w.build(), "create extension cube")
			if s == nil || s.Note[0] != test.want || s.Reason.Text != "needed by table public.users" {
				t.Errorf("the step is %+v", s)
			}
		})
	}
}

func TestWhatNobodyDeclaredStaysBehind(t *testing.T) {
	t.Parallel()
	w := whole()
	w.addTo(&w.source, catalog.Object{ID: catalog.ID{Kind: catalog.KindDefaultACL, Name: "app", Args: "tables"}, Spec: &catalog.DefaultACL{}})
	if got, want := omitted(w.build(), "default privileges app(tables)"), "not declared: grants = true takes it along"; got != want {
		t.Errorf("it is left because %q", got)
	}
}

// A circle is broken at the member that is cheapest to complete, and the others
// wait for its first form alone.
func TestCirclesAreBrokenWhereTheyCanBe(t *testing.T) {
	t.Parallel()
	w := whole()
	v, f := view("v"), function("rows_of_v")
	v.Depends, f.Depends = []catalog.ID{f.ID, in(catalog.KindTable, "users")}, []catalog.ID{v.ID}
	w.addTo(&w.source, v, f)
	p := w.build()
	if p.Conflicts() > 0 {
		t.Fatalf("%+v", p.Findings)
	}
	outline, body, whole := step(p, "create view public.v in outline"), step(p, "create function public.rows_of_v()"), step(p, "create view public.v")
	if outline == nil || body == nil || whole == nil {
		t.Fatal("steps are missing")
	}
	if !slices.Contains(body.After, outline.Number) || !slices.Contains(whole.After, body.Number) {
		t.Errorf("order: %d, %d after %v, %d after %v", outline.Number, body.Number, body.After, whole.Number, whole.After)
	}
	if !strings.HasPrefix(outline.SQL[0], `create view "public"."v" as`) || !strings.HasPrefix(whole.SQL[0], `create or replace view "public"."v"`) {
		t.Errorf("%s\n%s", outline.SQL, whole.SQL)
	}
}
