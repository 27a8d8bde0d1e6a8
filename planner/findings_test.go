package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// world is what a plan is made of.
type world struct {
	spec   Spec
	source *catalog.Catalog
	target *catalog.Catalog
	done   state.State
}

func (w *world) addTo(c **catalog.Catalog, objects ...catalog.Object) {
	*c = with((*c).Server, append(slices.Clone((*c).Objects), objects...)...)
}

func (w *world) build() *Plan { return Build(w.spec, w.source, w.target, w.done) }

func TestAHealthyShopHasNoFindingsButThatSequencesMove(t *testing.T) {
	t.Parallel()
	p := Build(everything(), shop(), emptyTarget(), state.State{})
	if len(p.Findings) != 1 || p.Findings[0].Code != "W220" {
		t.Errorf("%+v", p.Findings)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string // code, object, and words that the finding must say
	}{
		"C101 a table with rows": {func(w *world) { w.addTo(&w.target, table("orders")) },
			[]string{"table public.orders", "is not empty", `drop table "public"."orders"`, `exclude = ["public.orders"]`}},
		"C101 an empty table": {func(w *world) {
			w.addTo(&w.target, table("orders"))
			tableSpec(w.target, "orders").Size = catalog.Size{}
		}, []string{"table public.orders", "is empty"}},
		"C102 another type": {func(w *world) { w.addTo(&w.target, enum("order_status", "new")) },
			[]string{"type public.order_status", `labels: ["new"], on the source ["new","paid","sent","lost"]`, `drop type "public"."order_status"`}},
		"C102 other columns": {func(w *world) {
			w.spec.Stages = Stages{Full: true}
			w.target = with(targetServer(), shop().Objects...)
			tableSpec(w.target, "users").Columns[1].Type = "varchar(10)"
		}, []string{"table public.users", "email is varchar(10), on the source text"}},
		"C106 a pattern": {func(w *world) { w.spec.Include = append(w.spec.Include, pattern("public.ordres", 16)) },
			[]string{`pattern "public.ordres"`, `did you mean "public.orders"?`, "shop.sluice.hcl:16"}},
		"C106 a pattern in another case": {func(w *world) { w.spec.Include = append(w.spec.Include, pattern("public.Users", 16)) },
			[]string{`pattern "public.Users"`, "Only the case differs"}},
		"C106 a table block": {func(w *world) { w.spec.Tables = []TableRule{{Table: named("public", "user")}} },
			[]string{"table public.user", `did you mean "public.users"?`}},
		"C106 a table that no stage creates": {func(w *world) { w.spec.Stages = Stages{Full: true} },
			[]string{"table public.orders", `the stage "schema" is not declared`}},
		"C107 a foreign key to an excluded table": {func(w *world) { w.spec.Exclude = []Pattern{pattern("public.users", 20)} },
			[]string{"foreign key public.orders.orders_user_id_fkey", "needs table public.users", `take it out of exclude "public.users"`, `exclude = ["public.orders.orders_user_id_fkey"]`}},
		"C107 a foreign key to a table that is not selected": {func(w *world) { w.spec.Include = []Pattern{pattern("public.orders", 14)} },
			[]string{"foreign key public.orders.orders_user_id_fkey", `include = ["public.users"]`}},
		"C107 a view on an excluded table": {func(w *world) { w.spec.Exclude = []Pattern{pattern("public.users", 20)} },
			[]string{"view public.orders_by_user", "needs table public.users"}},
		"C107 a column of an extension's type": {func(w *world) {
			w.source.Find(in(catalog.KindTable, "users")).Depends = []catalog.ID{{Kind: "extension", Name: "hstore"}}
		}, []string{"table public.users", "needs extension hstore", `create extension "hstore"`}},
		"C109 may not read": {func(w *world) { tableSpec(w.source, "users").Access.Select = false },
			[]string{"database shop", `grant select on "public"."users" to "migrator"`}},
		"C109 may not use the schema": {func(w *world) { tableSpec(w.source, "users").Access.Hidden = true },
			[]string{"database shop", `grant usage on schema "public" to "migrator"`}},
		"C109 no replication": {func(w *world) { w.source.Server.Replication = false },
			[]string{"database shop", `alter role "migrator" replication`}},
		"C109 no replication on RDS": {func(w *world) {
			w.source.Server.Replication = false
			w.source.Server.Settings["rds.logical_replication"] = "on"
		}, []string{"database shop", `grant rds_replication to "migrator"`}},
		"C109 owns no table": {func(w *world) { tableSpec(w.source, "users").Access.Owner = false },
			[]string{"database shop", `grant "shop" to "migrator"`}},
		"C109 may not create a publication": {func(w *world) { w.source.Server.CreateOn = false },
			[]string{"database shop", `grant create on database "shop" to "migrator"`}},
		"C109 may not create the state": {func(w *world) { w.target.Server.CreateOn = false },
			[]string{"database shop_prod", `grant create on database "shop_prod" to "migrator"`}},
		"C110 wal_level": {func(w *world) { w.source.Server.Settings["wal_level"] = "replica" },
			[]string{"database shop", "alter system set wal_level = 'logical'", "restart"}},
		"C110 wal_level on RDS": {func(w *world) {
			w.source.Server.Settings["wal_level"] = "replica"
			w.source.Server.Settings["rds.logical_replication"] = "off"
		}, []string{"database shop", "rds.logical_replication = 1"}},
		"C110 slots": {func(w *world) { w.source.Server.SlotsUsed = 10 }, []string{"database shop", "max_replication_slots = 14"}},
		"C160": {func(w *world) {
			w.source.Server.Limits = []catalog.Limit{{Of: "max_connections", Most: 97, Used: 7}, {Of: "role", Most: 10, Used: 4}}
		}, []string{"database shop", "source.old has 6 connections free, and a single worker uses up to 7", "4 of 10 are in use by others (the connection limit of the role)"}},
		"W260": {func(w *world) {
			w.target.Server.Limits = []catalog.Limit{{Of: "database", Most: 9, Used: 1}, {Of: "max_connections", Most: 97, Used: 7}}
		}, []string{"database shop_prod", "target.new has 8 connections free for 4 workers, which use up to 11", "full { workers = 2 }", "or end sessions there, or raise the connection limit of the database"}},
		"C110 senders": {func(w *world) { w.source.Server.SendersUsed = 10 }, []string{"database shop", "max_wal_senders = 14"}},
		"C110 standby": {func(w *world) { w.source.Server.InRecovery = true }, []string{"database shop", "primary"}},
		"C111 source": {func(w *world) { w.source.Server.Version, w.source.Server.VersionText = 90624, "9.6.24" },
			[]string{"database shop", "source.old is PostgreSQL 9.6.24"}},
		"C111 target": {func(w *world) { w.target.Server.Version, w.target.Server.VersionText = 110022, "11.22" },
			[]string{"database shop_prod", "target.new is PostgreSQL 11.22"}},
		"C112": {func(w *world) {
			w.done = doneBy(w.build(), 0)
			w.done.Source.SystemIdentifier = "6"
		}, []string{"database shop", "system 6"}},
		"C113": {func(w *world) {
			w.addTo(&w.source, schema("billing"))
			w.spec.Include = append(w.spec.Include, pattern("billing.*", 16))
			w.target.Server.CreateOn = false
		}, []string{"schema billing", `create schema "billing" authorization "migrator"`}},
		"C114 no key": {func(w *world) { w.addTo(&w.source, table("events_log", "text")) },
			[]string{"table public.events_log", "it has no primary key",
				`alter table "public"."events_log" add column "sluice_id" bigint generated always as identity primary key`,
				`table "public.events_log" { replica_identity = "full" }`, `exclude = ["public.events_log"]`}},
		"C114 a unique constraint will do": {func(w *world) {
			w.addTo(&w.source, table("log"), unique("log", "id"))
		}, []string{"table public.log", `replica identity using index "log_id_key"`}},
		"C114 nothing": {func(w *world) { tableSpec(w.source, "users").Identity.Kind = catalog.IdentityNothing },
			[]string{"table public.users", "is nothing", "replica identity default"}},
		"C114 the index has gone": {func(w *world) {
			tableSpec(w.source, "users").Identity = catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: "gone"}
		}, []string{"table public.users", "has gone"}},
		"C114 a deferrable key": {func(w *world) {
			w.source.Find(on(catalog.KindConstraint, "users", "users_pkey")).Spec.(*catalog.Constraint).Deferrable = true
		}, []string{"table public.users", "not deferrable", `drop constraint "users_pkey"`}},
		"C114 full, with a generated column, on 18": {func(w *world) {
			w.source.Server.Version = generatedRefused
			tableSpec(w.source, "orders").Identity.Kind = catalog.IdentityFull
		}, []string{"table public.orders", "generated column length", "refuse them to the application too",
			`on the source: alter table "public"."orders" replica identity default`, `exclude = ["public.orders"]`}},
		"C114 declared full, with a generated column, on 18": {func(w *world) {
			w.source.Server.Version = generatedRefused
			w.spec.Tables = []TableRule{{Table: named("public", "orders"), ReplicaIdentity: "full"}}
		}, []string{"table public.orders", `take replica_identity = "full" out of table "public.orders"`}},
		"C114 full, with a generated column and no key, on 18": {func(w *world) {
			w.source.Server.Version = generatedRefused
			w.addTo(&w.source, table("log"))
			tableSpec(w.source, "log").Identity.Kind = catalog.IdentityFull
			tableSpec(w.source, "log").Columns[0].Generated = "virtual"
		}, []string{"table public.log", `add column "sluice_id" bigint generated always as identity primary key; alter table "public"."log" replica identity default`}},
		"C114 a key with a generated column": {func(w *world) {
			tableSpec(w.source, "users").Columns[0].Generated = "stored"
		}, []string{"table public.users", "generated column id", "do not carry", `constraint "users_sluice_id" unique; alter table "public"."users" replica identity using index "users_sluice_id"`,
			`or: table "public.users" { replica_identity = "full" }`}},
		"C117": {func(w *world) { w.done = doneBy(w.build(), 1) }, []string{"type public.order_status", "no longer on target.new"}},
		"C117 a loaded table without the stage schema": {func(w *world) {
			w.done = doneBy(w.build(), 9)
			w.spec.Stages.Schema = false
		}, []string{"table public.orders", "no longer on target.new"}},
		"C118 the slot": {func(w *world) { w.source.Server.Slots = []catalog.Slot{{Name: "sluice_shop"}} },
			[]string{"slot sluice_shop", "pg_drop_replication_slot('sluice_shop')"}},
		"C118 the publication": {func(w *world) {
			w.addTo(&w.source, unsupported("publication", "", "sluice_shop", "a publication", ""))
		}, []string{"publication sluice_shop", `drop publication if exists "sluice_shop"`}},
		"C119": {func(w *world) {
			w.target.Server.SystemIdentifier, w.target.Server.Database = w.source.Server.SystemIdentifier, "shop"
		}, []string{"database shop", "one database"}},
		"C122": {func(w *world) {
			a, b := function("a"), function("b")
			a.Depends, b.Depends = []catalog.ID{b.ID}, []catalog.ID{a.ID}
			w.addTo(&w.source, a, b)
		}, []string{"function public.a()", "function public.a(), function public.b()"}},
		"C123": {func(w *world) { w.spec.Stages = Stages{Schema: true, Incremental: true} }, []string{"database shop", "full load"}},
		"C124": {func(w *world) {
			p := w.build()
			w.done, w.target = doneBy(p, 9), created(w.source, w.target, p, 9)
			w.source.Find(in(catalog.KindType, "order_status")).Spec = &catalog.Enum{Labels: []string{"new"}}
		}, []string{"type public.order_status", "changed on source.old", "labels"}},
		"W201": {func(w *world) {
			w.addTo(&w.source, table("log"))
			tableSpec(w.source, "log").Identity.Kind = catalog.IdentityFull
		}, []string{"table public.log", "no primary key"}},
		"W202": {func(w *world) { tableSpec(w.source, "orders").Identity.Kind = catalog.IdentityFull },
			[]string{"table public.orders", "REPLICA IDENTITY FULL"}},
		"W203": {func(w *world) { tableSpec(w.source, "orders").Unlogged = true },
			[]string{"table public.orders", `alter table "public"."orders" set logged`}},
		"W207 with a spool": {func(w *world) {
			w.source.Server.Settings["max_slot_wal_keep_size"], w.spec.Spool = "1024", "/var/lib/sluice"
		}, []string{"database shop", "while apply does not run, or the spool is full"}},
		"C156": {func(w *world) { w.done.Spool.Directory = "/var/lib/sluice" },
			[]string{"spool sluice_shop", `incremental { spool { directory = "/var/lib/sluice"`}},
		"W207": {func(w *world) { w.source.Server.Settings["max_slot_wal_keep_size"] = "1024" }, []string{"database shop", "1024"}},
		"W209": {func(w *world) {
			w.source.Find(on(catalog.KindTrigger, "orders", "touch")).Spec.(*catalog.Trigger).Enabled = "always"
		}, []string{"trigger public.orders.touch", "created at cutover"}},
		"W213": {func(w *world) { w.target.Server.Collate = "en_US.UTF-8" }, []string{"database shop_prod", "en_US.UTF-8"}},
		"W213 bytes of any encoding": {func(w *world) { w.source.Server.Encoding = "SQL_ASCII" },
			[]string{"database shop_prod", "the encoding is SQL_ASCII on source.old", "SQLSTATE 22021", "create the target database with encoding SQL_ASCII"}},
		"W220": {func(*world) {}, []string{"database shop", "1 sequence"}},
		"W221": {func(w *world) { w.spec.Exclude = append(w.spec.Exclude, pattern("public.order", 17)) },
			[]string{`pattern "public.order"`, "matches nothing", "shop.sluice.hcl:17"}},
		"W222": {func(w *world) { w.spec.Stages.Incremental = false }, []string{"database shop", "must rest"}},
		"W223": {func(w *world) {
			w.spec.Stages = Stages{Full: true}
			w.target = with(targetServer(), shop().Objects...)
		}, []string{"table public.users", "rows are added"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			c.change(w)
			expect(t, w.build(), name[:4], c.want)
		})
	}
}

// expect looks for a finding with this code and object that says all the words.
func expect(t *testing.T, p *Plan, code string, want []string) {
	t.Helper()
	if MeaningOf(code) == (Meaning{}) {
		t.Errorf("%s has no meaning", code)
	}
	for _, f := range p.Findings {
		if f.Code != code || f.Object.String() != want[0] {
			continue
		}
		text := f.Summary + "\n" + f.Detail + "\n" + strings.Join(f.Fix, "\n")
		if f.Place != nil {
			text += fmt.Sprintf("\n%s:%d", f.Place.File, f.Place.Line)
		}
		missing := slices.DeleteFunc(slices.Clone(want[1:]), func(w string) bool { return strings.Contains(text, w) })
		if len(missing) == 0 {
			return
		}
		t.Logf("does not say %q:\n%s", missing, text)
	}
	t.Errorf("no %s of %s; there are:", code, want[0])
	for _, f := range p.Findings {
		t.Logf("%s %s: %s", f.Code, f.Object, f.Summary)
	}
}

func TestWhatIsNoReasonToBlock(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"an extension that is on the target": func(w *world) {
			w.source.Find(in(catalog.KindTable, "users")).Depends = []catalog.ID{{Kind: "extension", Name: "hstore"}}
			w.addTo(&w.target, unsupported("extension", "", "hstore", "an extension", ""))
		},
		"an excluded type that is on the target as it is on the source": func(w *world) {
			w.spec.Exclude = append(w.spec.Exclude, pattern("public.order_status", 16))
			w.addTo(&w.target, enum("order_status", "new", "paid", "sent", "lost"))
		},
		"an unlogged table without a key": func(w *world) {
			w.addTo(&w.source, table("cache"))
			tableSpec(w.source, "cache").Unlogged = true
		},
		"a generated column in a full identity before 18": func(w *world) {
			tableSpec(w.source, "orders").Identity.Kind = catalog.IdentityFull
		},
		"a generated column beside the key, on 18": func(w *world) { w.source.Server.Version = generatedRefused },
		"a table without a key where nothing is followed": func(w *world) {
			w.addTo(&w.source, table("log"))
			w.spec.Stages.Incremental = false
		},
		"a superuser needs no grants": func(w *world) {
			w.source.Server.Superuser, w.target.Server.Superuser = true, true
			w.source.Server.Replication, w.source.Server.CreateOn = false, false
			w.target.Server.MayReplicaRole, w.target.Server.CreateOn = false, false
			tableSpec(w.source, "users").Access = catalog.Access{}
		},
		"a load that was done under the slot": func(w *world) {
			p := w.build()
			w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
			w.spec.Stages = Stages{Incremental: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			change(w)
			for _, f := range w.build().Findings {
				if f.Blocks() {
					t.Errorf("%s %s: %s", f.Code, f.Object, f.Summary)
				}
			}
		})
	}
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range Meanings() {
		if m.Title == "" || m.Why == "" || m.Fix == "" || seen[m.Code] {
			t.Errorf("%+v", m)
		}
		seen[m.Code] = true
	}
	if !slices.IsSortedFunc(Meanings(), func(a, b Meaning) int { return strings.Compare(a.Code[1:], b.Code[1:]) }) {
		t.Error("the codes are not in order")
	}
}
