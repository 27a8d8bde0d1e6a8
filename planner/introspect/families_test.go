package introspect

import (
	"testing"

	"sluice/examples/sandbox"
)

func TestPatchworkIsWhatInheritsWouldNotMake(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		check := func(odd ...string) {
			t.Helper()
			names := map[string]bool{}
			for _, name := range odd {
				names[name] = true
			}
			c := read(t, url)
			for _, o := range c.Objects {
				if table := o.Table(); table != nil && table.Patchwork != names[o.ID.Name] {
					t.Errorf("%s: patchwork is %t", o.ID, table.Patchwork)
				}
			}
		}
		sandbox.Exec(t, url, `
			create table parent (a int, b text default 'x');
			create table other (b text default 'x', c int);
			create table generated (a int, g int generated always as (a * 2) stored);
			create table wide (t text);
			create table made (own int) inherits (parent, other);
			create table merged (c int, own int, b text default 'y') inherits (parent, other);
			create table with_default () inherits (parent);
			alter table with_default alter b set default 'y';
			create table reversed () inherits (other, parent);
			create table computes (own int) inherits (generated);
			create table stores () inherits (wide);
			create table parts (a int) partition by list (a);
			create table part partition of parts for values in (1);`)
		check()
		sandbox.Exec(t, url, `
			create table adopted (b text, a int);
			alter table adopted inherit parent;
			create table computes_itself (a int, g int generated always as (a * 2) stored);
			alter table computes_itself inherit generated;
			alter table only wide alter t set storage external;
			alter table only other alter b set default 'z'`)
		check("adopted", "computes_itself", "stores", "made", "merged", "reversed")
		sandbox.Exec(t, url, "alter table parent add column late int")
		check("adopted", "computes_itself", "stores", "made", "merged", "reversed") // with_default has none of its own
		sandbox.Exec(t, url, "alter table generated add column late int")
		check("adopted", "computes_itself", "stores", "made", "merged", "reversed", "computes")
	})
}
