package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// meeting is a shop whose target has users with its key, and orders without
// anything on it, both of somebody else's making.
func meeting(mode OnExisting, change func(*world)) *world {
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.spec.Conflicts.OnExisting = mode
	users, orders := *shop().Find(in(catalog.KindTable, "users")), *shop().Find(in(catalog.KindTable, "orders"))
	orders.Depends = nil
	w.addTo(&w.target, users, primaryKey("users", "id"), orders, enum("order_status", "new", "paid", "sent", "lost"))
	if change != nil {
		change(w)
	}
	return w
}

// withNotes is the outline with what the plan says of each step.
func withNotes(p *Plan) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(outline(p), "\n") {
		b.WriteString(line)
		if i < len(p.Steps) && len(p.Steps[i].Note) > 0 {
			fmt.Fprintf(&b, "    %s\n", strings.Join(p.Steps[i].Note, ", "))
		}
	}
	for _, id := range p.Right {
		fmt.Fprintf(&b, "right: %s\n", id)
	}
	for _, o := range p.NotMigrated {
		fmt.Fprintf(&b, "not migrated: %s: %s\n", o.Object, o.Reason)
	}
	return b.String()
}

func TestOrderOfTheStepsWithExistingTables(t *testing.T) {
	t.Parallel()
	for _, mode := range []OnExisting{ExistingAppend, ExistingTruncate, ExistingAdopt, ExistingSkip} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := meeting(mode, nil).build()
			golden(t, "order_existing_"+string(mode)+".txt", []byte(withNotes(p)))
			for _, f := range p.Findings {
				if f.Blocks() {
					t.Errorf("%s %s: %s", f.Code, f.Object, f.Summary)
				}
			}
			for _, name := range []string{"users", "orders"} {
				if s := stepOf(p, "create table public."+name); s != nil {
					t.Errorf("there is a step %s", s.ID)
				}
			}
		})
	}
}

func TestFindingsOfExistingTables(t *testing.T) {
	t.Parallel()
	block := func(w *world, table string, mode OnExisting) {
		w.spec.Tables = append(w.spec.Tables, TableRule{Table: named("public", table), OnExisting: mode, Place: Place{File: "shop.sluice.hcl", Line: 30}})
	}
	for name, c := range map[string]struct {
		mode   OnExisting
		change func(*world)
		want   []string // code, object, words
	}{
		"C101 the block wins over the conflicts": {ExistingAppend, func(w *world) { block(w, "users", ExistingError) },
			[]string{"C101", "table public.users", `on_existing = "append"`, `"truncate"`, `"adopt"`, `"skip"`}},
		"C102 a column is missing": {ExistingAppend, func(w *world) {
			block(w, "users", ExistingAppend)
			tableSpec(w.target, "users").Columns = tableSpec(w.target, "users").Columns[:1]
		}, []string{"C102", "table public.users", "email is missing", "shop.sluice.hcl:30", `or: table "public.users" { exclude_columns = ["email"] }`}},
		"C102 a column has another type": {ExistingAppend, func(w *world) {
			block(w, "users", ExistingAppend)
			tableSpec(w.target, "users").Columns[1].Type = "character varying(99)"
		}, []string{"C102", "table public.users", "email is character varying(99)", `or: table "public.users" { column "email" { type = "character varying(99)" } }`}},
		"C102 a column that takes no null": {ExistingAdopt, func(w *world) {
			s := tableSpec(w.target, "users")
			s.Columns = append(s.Columns, catalog.Column{Name: "tenant", Type: "integer", NotNull: true})
		}, []string{"C102", "table public.users", "tenant is not on the source, and takes no null"}},
		"C102 it is a partition there": {ExistingAppend, func(w *world) { tableSpec(w.target, "users").Of = named("public", "people") },
			[]string{"C102", "table public.users", "partition of: public.people, on the source none"}},
		"C102 a partition is missing": {ExistingAppend, func(w *world) { w.addTo(&w.target, *shop().Find(in(catalog.KindTable, "events"))) },
			[]string{"C102", "table public.events_1", "without its partition", `partition of "public"."events" FOR VALUES FROM (MINVALUE)`}},
		"C109 it belongs to somebody else": {ExistingAppend, func(w *world) { tableSpec(w.target, "users").Access.Owner = false },
			[]string{"C109", "database shop_prod", "does not own table public.users", `grant "shop" to "migrator"`}},
		"C109 triggers would fire for the load": {ExistingAppend, func(w *world) {
			w.spec.Stages.Incremental = false
			w.target.Server.MayReplicaRole = false
			w.addTo(&w.target, trigger("users", "touch", "touch"), foreignKey("visits", "user_id", "users"), table("visits"))
		}, []string{"C109", "database shop_prod", "session_replication_role, and 2 objects", "foreign key public.visits.visits_user_id_fkey, trigger public.users.touch",
			`until the cutover, on target.new: alter table "public"."visits" drop constraint "visits_user_id_fkey"`, `alter table "public"."users" disable trigger "touch"`}},
		"C140 nothing tells which row to replace": {ExistingAppend, func(w *world) {
			w.spec.Conflicts.RowFull = RowOverwrite
			w.addTo(&w.target, unique("orders", "note"))
		}, []string{"C140", "table public.orders", "no unique key"}},
		"C140 a deferrable key": {ExistingAppend, func(w *world) {
			w.target.Find(on(catalog.KindConstraint, "users", "users_pkey")).Spec.(*catalog.Constraint).Deferrable = true
		}, []string{"C140", "table public.users", "deferrable", `row_full = "error"`}},
		"C140 an identity that only INSERT may set": {ExistingAdopt, func(w *world) { tableSpec(w.target, "users").Columns[1].Identity = "always" },
			[]string{"C140", "table public.users", "GENERATED ALWAYS", `alter column "email" set generated by default`, `row_incremental = "error"`}},
		"C141 another table refers to it": {ExistingTruncate, func(w *world) { w.addTo(&w.target, table("visits"), foreignKey("visits", "user_id", "users")) },
			[]string{"C141", "table public.users", "foreign key public.visits.visits_user_id_fkey refers to it", `table "public.visits" { on_existing = "truncate" }`, `drop constraint "visits_user_id_fkey"`}},
		"C142 a trigger that always fires": {ExistingAppend, func(w *world) {
			w.addTo(&w.target, trigger("users", "audit", "touch"))
			w.target.Find(on(catalog.KindTrigger, "users", "audit")).Spec.(*catalog.Trigger).Enabled = "always"
		}, []string{"C142", "trigger public.users.audit", "ALWAYS", `disable trigger "audit"`}},
		"C109 no temporary table": {ExistingAppend, func(w *world) { w.target.Server.Temporary = false },
			[]string{"C109", "database shop_prod", "temporary tables", `grant temporary on database "shop_prod" to "migrator"`}},
		"C109 policies of the target alone refuse rows": {ExistingAppend, func(w *world) {
			tableSpec(w.target, "users").RowSecurity, tableSpec(w.target, "users").ForceRowSec = true, true
		}, []string{"C109", "database shop_prod", "may not write past the policies of 1 table"}},
		"C143 appended rows would be truncated": {ExistingTruncate, func(w *world) {
			w.done = state.State{Chunks: []state.Chunk{{Schema: "public", Table: "users", Number: 1}}}
		}, []string{"C143", "table public.users", `"append"`, `"truncate"`}},
		"C143 adopted rows would be copied": {ExistingAppend, func(w *world) {
			w.done.Steps = map[string]state.Step{"adopt table public.users": {State: state.StepDone}}
		}, []string{"C143", "table public.users", `"adopt"`, `"append"`}},
		"W241 a key comes later": {ExistingAppend, nil, []string{"W241", "constraint public.orders.orders_pkey", "fails where rows of table public.orders"}},
		"W240 rows go":           {ExistingTruncate, nil, []string{"W240", "table public.orders", "more than 20000000 rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, meeting(c.mode, c.change).build(), c.want[0], c.want[1:])
		})
	}
}

// Nothing that a later plan sees may empty a table twice.
func TestATableIsTruncatedOnce(t *testing.T) {
	t.Parallel()
	w := meeting(ExistingTruncate, nil)
	p := w.build()
	truncate := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == "truncate table public.users" })
	w.done, w.target = doneBy(p, truncate+1), created(w.source, w.target, p, truncate+1)
	w.done.Chunks = []state.Chunk{{Schema: "public", Table: "users", Number: 1}}
	again := w.build()
	if s := stepOf(again, "truncate table public.users"); s == nil || !s.Done {
		t.Errorf("after it was done the step is %+v", s)
	}
	for _, f := range again.Findings {
		if f.Code == "W240" && f.Object.Name == "users" || f.Blocks() {
			t.Errorf("%s %s: %s", f.Code, f.Object, f.Summary)
		}
	}
}

func TestTablesThatReferToEachOtherAreTruncatedTogether(t *testing.T) {
	t.Parallel()
	w := meeting(ExistingTruncate, func(w *world) { w.addTo(&w.target, foreignKey("orders", "user_id", "users")) })
	p := w.build()
	s := stepOf(p, "truncate table public.orders")
	if s == nil || !slices.Equal(s.SQL, []string{"set local lock_timeout = '10s'", `truncate only "public"."orders", only "public"."users"`}) ||
		!slices.Equal(s.Covers, []catalog.ID{in(catalog.KindTable, "users")}) {
		t.Fatalf("%+v", s)
	}
	if p.Conflicts() > 0 {
		t.Errorf("%+v", p.Findings)
	}
	for _, id := range []string{"copy table public.orders", "copy table public.users"} {
		if !slices.Contains(stepOf(p, id).After, s.Number) {
			t.Errorf("%s does not wait for it", id)
		}
	}
	// Of a group that was emptied and one that was not, only the latter is.
	w.done.Steps = map[string]state.Step{"truncate table public.users": {State: state.StepDone}}
	p = w.build()
	if s := stepOf(p, "truncate table public.orders"); !slices.Equal(s.SQL, []string{"set local lock_timeout = '10s'", `truncate only "public"."orders"`}) || s.Done {
		t.Errorf("%+v", s)
	}
}

func TestHowExistingTablesTakeRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode   OnExisting
		change func(*world)
		want   Existing
	}{
		"the defaults": {ExistingAppend, nil, Existing{Mode: ExistingAppend, Full: RowKeep, Changes: RowOverwrite, Key: []string{"id"}, Unique: true}},
		"declared": {ExistingAppend, func(w *world) { w.spec.Conflicts.RowFull, w.spec.Conflicts.RowIncremental = RowError, RowError },
			Existing{Mode: ExistingAppend, Full: RowError, Changes: RowError, Key: []string{"id"}, Unique: true}},
		"without changes": {ExistingAppend, func(w *world) { w.spec.Stages.Incremental = false },
			Existing{Mode: ExistingAppend, Full: RowKeep, Key: []string{"id"}, Unique: true}},
		"adopted":   {ExistingAdopt, nil, Existing{Mode: ExistingAdopt, Changes: RowOverwrite, Key: []string{"id"}, Unique: true}},
		"truncated": {ExistingTruncate, nil, Existing{Mode: ExistingTruncate, Unique: true}},
		"another key": {ExistingAppend, func(w *world) {
			w.target.Find(on(catalog.KindConstraint, "users", "users_pkey")).Spec.(*catalog.Constraint).Columns = []string{"email"}
		}, Existing{Mode: ExistingAppend, Full: RowKeep, Changes: RowOverwrite, Unique: true}},
		"a key that the plan makes": {ExistingAppend, func(w *world) {
			w.target = with(w.target.Server, slices.DeleteFunc(slices.Clone(w.target.Objects), func(o catalog.Object) bool { return o.ID.Name == "users_pkey" })...)
		}, Existing{Mode: ExistingAppend, Full: RowKeep, Changes: RowOverwrite, Key: []string{"id"}, KeyMade: true}},
		"a key that an earlier plan made": {ExistingAppend, func(w *world) {
			w.done.Steps = map[string]state.Step{"create constraint public.users.users_pkey": {State: state.StepDone}}
		}, Existing{Mode: ExistingAppend, Full: RowKeep, Changes: RowOverwrite, Key: []string{"id"}, KeyMade: true}},
		"a deferrable key": {ExistingAppend, func(w *world) {
			w.target.Find(on(catalog.KindConstraint, "users", "users_pkey")).Spec.(*catalog.Constraint).Deferrable = true
		}, Existing{Mode: ExistingAppend, Full: RowKeep, Changes: RowOverwrite, Unique: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			action := "copy"
			if c.mode == ExistingAdopt {
				action = "adopt"
			}
			s := stepOf(meeting(c.mode, c.change).build(), action+" table public.users")
			if s == nil || s.Copy.Existing == nil || !sameExisting(s.Copy.Existing, &c.want) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Two rows may for a while hold one value of another key: under several
// snapshots one of them would be taken for a row that was there before.
func TestExistingTablesWithAnotherKeyAreReadUnderOneSnapshot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   CopyMode
	}{
		"only the primary key": {func(*world) {}, ChunkSnapshots},
		"a unique constraint":  {func(w *world) { w.addTo(&w.target, unique("users", "email")) }, TableSnapshot},
		"a unique index of an expression": {func(w *world) {
			i := index("users", "lower_email")
			i.Spec.(*catalog.Index).Unique = true
			i.Spec.(*catalog.Index).Definition = "CREATE UNIQUE INDEX lower_email ON public.users USING btree (lower(email))"
			w.addTo(&w.target, i)
		}, TableSnapshot},
	} {
		w := meeting(ExistingAppend, c.change)
		w.spec.LargeTable = 1
		if got := stepOf(w.build(), "copy table public.users").Copy.Mode; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A sequence from which the target's own rows were drawn never goes back.
func TestSequencesOfExistingTablesNeverGoBack(t *testing.T) {
	t.Parallel()
	for mode, want := range map[OnExisting]string{ExistingAppend: "greatest(last_value, $1::bigint)", ExistingAdopt: "greatest(", ExistingTruncate: `setval('"public"."orders_id_seq"', $1, $2)`} {
		w := meeting(mode, func(w *world) { w.addTo(&w.target, *shop().Find(in(catalog.KindSequence, "orders_id_seq"))) })
		s := stepOf(w.build(), "set sequences database shop_prod")
		if len(s.SQL) != 1 || !strings.Contains(s.SQL[0], want) {
			t.Errorf("%s: %q", mode, s.SQL)
		}
	}
	// An identity's sequence may be called otherwise on the target, or not exist.
	w := meeting(ExistingAppend, func(w *world) {
		tableSpec(w.source, "users").Columns[0].Sequence = &catalog.IdentitySequence{Name: named("public", "users_id_seq")}
		tableSpec(w.target, "users").Columns[0].Sequence = &catalog.IdentitySequence{Name: named("public", "users_id_seq1"), Options: catalog.SequenceOptions{Increment: -1}}
	})
	s := stepOf(w.build(), "set sequences database shop_prod")
	if i := slices.Index(s.Sequences, named("public", "users_id_seq")); i < 0 || !strings.Contains(s.SQL[i], `'"public"."users_id_seq1"', least(`) {
		t.Errorf("%v %q", s.Sequences, s.SQL)
	}
	tableSpec(w.target, "users").Columns[0].Sequence = nil
	if s := stepOf(w.build(), "set sequences database shop_prod"); slices.Contains(s.Sequences, named("public", "users_id_seq")) {
		t.Errorf("%v", s.Sequences)
	}
}

// What differs on a table that is taken as it is stays, and is listed.
func TestPartsOfExistingTables(t *testing.T) {
	t.Parallel()
	w := meeting(ExistingAppend, func(w *world) {
		other := index("orders", "orders_at")
		other.Spec.(*catalog.Index).Definition = "CREATE INDEX orders_at ON public.orders USING hash (id)"
		key := primaryKey("orders", "id")
		key.ID.Name = "orders_by_id"
		w.addTo(&w.target, other, key)
	})
	p := w.build()
	left := map[string]string{}
	for _, o := range p.NotMigrated {
		left[o.Object.String()] = o.Reason
	}
	for id, why := range map[string]string{"index public.orders_at": "stays as it is", "constraint public.orders.orders_pkey": "primary key of another name"} {
		if !strings.Contains(left[id], why) {
			t.Errorf("%s: %q, want %q", id, left[id], why)
		}
	}
	if stepOf(p, "create trigger public.orders.touch") == nil || !slices.Contains(p.Right, on(catalog.KindConstraint, "users", "users_pkey")) {
		t.Errorf("what is missing is not created, or what is equal not right:\n%s", withNotes(p))
	}
}

// Cleanup drops what was made on such a table, and never the table.
func TestCleanupLeavesExistingTables(t *testing.T) {
	t.Parallel()
	for _, mode := range []OnExisting{ExistingAppend, ExistingTruncate, ExistingAdopt} {
		w := meeting(mode, nil)
		p := w.build()
		w.done, w.target = doneBy(p, len(p.Steps)), created(w.source, w.target, p, len(p.Steps))
		dropped := false
		for _, s := range Cleanup(w.spec, w.source, w.target, w.done, true).Steps {
			text := strings.Join(s.SQL, "; ")
			dropped = dropped || s.ID == "drop index public.orders_at"
			if strings.Contains(text, "truncate") || strings.Contains(text, `drop table "public"."users"`) || strings.Contains(text, `drop table "public"."orders"`) {
				t.Errorf("%s: %s: %s", mode, s.ID, text)
			}
		}
		if !dropped {
			t.Errorf("%s: the index that was made on orders stays", mode)
		}
	}
}

// A foreign key may refer to a table that is left as it is: the server checks it
// against the rows that are there.
func TestAForeignKeyToASkippedTable(t *testing.T) {
	t.Parallel()
	w := meeting(ExistingError, func(w *world) {
		w.spec.Tables = []TableRule{{Table: named("public", "users"), OnExisting: ExistingSkip}, {Table: named("public", "orders"), OnExisting: ExistingAppend}}
	})
	p := w.build()
	if p.Conflicts() > 0 || stepOf(p, "create foreign key public.orders.orders_user_id_fkey") == nil || stepOf(p, "copy table public.users") != nil {
		t.Errorf("%+v\n%s", p.Findings, withNotes(p))
	}
	if s := stepOf(p, "create publication sluice_shop"); strings.Contains(s.SQL[0], `"users"`) {
		t.Errorf("a skipped table is followed: %s", s.SQL)
	}
}
