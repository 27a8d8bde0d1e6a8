package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// Promise 17, for what happens to whole tables: DDL on the source between changes is of no
// matter, or ends the run in front of what it cannot place. The next plan shows what has
// become of the table, and the next run does it: nothing is lost.
func TestDDLOfWholeTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ddl string
		stops     string // what the run says that ends by it; empty: it goes on
		drift     string // what has drifted
		step      string // of the next plan
		row       string // that the target has afterwards
		left      string // what the target keeps of its own
		taken     string // why that is in the way
	}{
		{
			name: "rolled back",
			ddl:  "begin; alter table app.t add x int; insert into app.t values (50, 'gone', 5); drop table app.beside; rollback; insert into app.t values (51, 'v')",
			row:  "select from app.t where id = 51",
		}, {
			name:  "a new table",
			ddl:   "create table app.fresh (id int primary key, v text); insert into app.fresh values (51, 'v')",
			drift: "new on the source table app.fresh", step: "create table app.fresh",
			row: "select from app.fresh where id = 51",
		}, {
			name:  "a table less",
			ddl:   "insert into app.t values (51, 'v'); drop table app.t",
			drift: "gone from the source table app.t", step: "leave table app.t",
			row: "select from app.t where id = 51", left: "table app.t",
		}, {
			name: "another table of the same name",
			ddl:  "insert into app.t values (51, 'v'); drop table app.t; create table app.t (id int primary key, v text); insert into app.t values (52, 'new')",
			step: "reload table app.t",
			row:  "select from app.t where id = 52 and not exists (select from app.t where id = 51)",
		}, {
			name:  "another name",
			ddl:   "insert into app.t values (51, 'v'); alter table app.t rename to renamed; insert into app.renamed values (52, 'v')",
			stops: `"app"."renamed", which is not in the plan: it was renamed`,
			drift: "new on the source table app.renamed", step: "leave table app.t",
			taken: "the name of constraint app.renamed.t_pkey is taken on target.new by constraint app.t.t_pkey",
			row:   "select from app.renamed where id = 52", left: "table app.t",
		}, {
			name:  "another schema",
			ddl:   "insert into app.t values (51, 'v'); alter table app.t set schema public; insert into public.t values (52, 'v')",
			stops: `"public"."t", which is not in the plan`,
			drift: "gone from the source table app.t", step: "create table public.t",
			row: "select from public.t where id = 52", left: "table app.t",
		}, {
			name:  "another name of the schema",
			ddl:   "insert into app.t values (51, 'v'); alter schema app rename to moved; insert into moved.t values (52, 'v')",
			stops: `"moved"."t", which is not in the plan`,
			drift: "new on the source schema moved", step: "create schema moved",
			row: "select from moved.t where id = 52", left: "schema app cascade",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, `
				create schema app;
				create table app.t (id int primary key, v text); insert into app.t values (1, 'one'), (2, 'two');
				create table app.beside (id int primary key); insert into app.beside values (1);
				create table public.other (id int primary key)`)
			l.do(c.ddl)
			l.do("insert into public.other values (1)")
			if c.stops == "" {
				l.settle()
				l.rest()
			} else if err := l.failure(); !strings.Contains(err.Error(), c.stops) {
				t.Errorf("the run ended with %v", err)
			}
			source, target, st, err := l.catalogs(l.ctx)
			if err != nil {
				t.Fatal(err)
			}
			var drift []string
			for _, d := range planner.Compare(l.spec, source, target, st) {
				drift = append(drift, d.Since+" "+d.Object.String())
			}
			if all := strings.Join(drift, "\n"); (c.drift == "") != (all == "") || !strings.Contains(all, c.drift) {
				t.Errorf("drifted: %q, want %q", drift, c.drift)
			}
			var todo []string
			for _, s := range planner.Build(l.spec, source, target, st).Steps {
				if !s.Done && s.Stage != planner.StageFollow {
					todo = append(todo, s.ID)
				}
			}
			if all := strings.Join(todo, "\n"); (c.step == "") != (all == "") || !strings.Contains(all, c.step) {
				t.Errorf("to do: %q, want %q", todo, c.step)
			}
			if c.taken != "" {
				if _, err := l.plan(l.ctx); err == nil || !strings.Contains(err.Error(), c.taken) {
					t.Errorf("the plan says %v, want %q", err, c.taken)
				}
				sandbox.Exec(t, l.target, "drop "+c.left)
				c.left = ""
			}
			l.follow(nil)
			l.wait(c.row)
			l.do("insert into public.other values (2)")
			l.settle()
			if c.left != "" {
				sandbox.Exec(t, l.target, "drop "+c.left)
			}
			l.same()
			l.nothingToDo(t)
		})
	}
}
