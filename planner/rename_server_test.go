package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
	"sluice/state"
)

// sales has what writes to tables and takes fields out of rows, wherever an object
// holds a text that the server keeps as a tree.
const sales = `
	create schema "Sales";
	create type "Sales"."Geo" as ("Lat" int, "Number" int);
	create type "Sales"."Place" as ("Street" text, "At" "Sales"."Geo", "Tags" text[]);
	comment on column "Sales"."Place"."Street" is 'and its number';
	create domain "Sales"."Home" as "Sales"."Place" check ((value)."Street" <> '');
	create function "Sales"."Where"(int) returns "Sales"."Place" language sql immutable as 'select row(''s'' || $1, row($1, $1), null)::"Sales"."Place"';
	create function "Sales"."Out"(int, out "Street" int, out "Number" int) language sql immutable as 'select $1, $1 + 1';
	create table "Sales"."Orders" ("Id" int primary key, "Number" int constraint "Orders_Number" unique, "Amount" int, "Place" "Sales"."Place",
		"Places" "Sales"."Place"[] default array[row('d', row(1, 2), null)]::"Sales"."Place"[], "Home" "Sales"."Home", "Note" text,
		"Street" text generated always as (("Place")."Street") stored,
		constraint "Somewhere" check (("Place")."Street" <> 'nowhere' and ("Places"[1])."At"."Lat" > 0));
	create index "Streets" on "Sales"."Orders" ((("Place")."Street"), (("Home")."Street")) where (("Place")."At")."Number" > 0;
	create table "Sales"."Log" ("Id" int generated always as identity primary key, "What" text, "Number" int, "Place" "Sales"."Place", "Order" "Sales"."Orders");
	create table "Sales"."Typed" of "Sales"."Place" ("Street" not null, constraint "Typed_key" primary key ("Street"));
	create view "Sales"."V" ("Vid", "Vnum", "Vamt", "Vnote") as select "Id", "Number", "Amount", "Note" from "Sales"."Orders";
	create view "Sales"."W" ("Vid", "Vnum") as select "Id", "Number" from "Sales"."Orders";
	create rule "Put" as on insert to "Sales"."V" do instead
		insert into "Sales"."Orders" ("Id", "Number", "Amount", "Place"."Street", "Place"."At"."Lat") values (new."Vid", new."Vnum", new."Vamt", 's', new."Vid")
		on conflict ("Number") where "Id" > 0 do update set "Amount" = excluded."Amount" + "Orders"."Amount", "Place"."At"."Number" = "Orders"."Number",
			"Note" = case when excluded."Id" = "Orders"."Id" then 'again' else (select max("What") from "Sales"."Log" where "Log"."Number" = "Orders"."Number") end
		where "Orders"."Number" > 0
		returning "Orders"."Id", "Number", "Amount", "Note";
	create rule "Change" as on update to "Sales"."V" do instead (
		update "Sales"."Orders" set "Amount" = new."Vamt", ("Note", "Number") = (select max(o."Note"), max(o."Number") + 100 from "Sales"."Orders" as o where o."Id" = "Orders"."Id")
			where "Id" = old."Vid" returning "Id", "Number" as "N", "Amount" + 1 as "Amount", "Note";
		insert into "Sales"."Log" ("What", "Number", "Order") select 'changed', o."Number", o from "Sales"."Orders" as o where o."Id" = old."Vid");
	create rule "Remove" as on delete to "Sales"."V" where old."Vid" > 2 do instead (
		delete from only "Sales"."Orders" using "Sales"."Log" as l where "Orders"."Id" = old."Vid" and l."Number" = "Orders"."Number";
		update "Sales"."Log" as "Orders" set "Place"."At"."Lat" = 3, "What" = ("Orders"."Order")."Note" where "Orders"."Number" is not null);
	create rule "Rest" as on delete to "Sales"."V" do instead nothing;
	create rule "Put" as on insert to "Sales"."W" do instead
		insert into "Sales"."Orders" as o ("Id", "Number") values (new."Vid", new."Vnum") on conflict on constraint "Orders_Number" do nothing;
	create rule "Also" as on insert to "Sales"."Typed" do also
		insert into "Sales"."Log" ("What", "Place") values ((new."At")."Number"::text, row(new."Street", new."At", new."Tags")::"Sales"."Place");
	create view "Sales"."Fields" as
		select (o."Place")."Street" as s, (o."Places"[1])."At"."Lat" as l, ("Sales"."Where"(o."Id"))."At"."Number" as n, ("Sales"."Out"(o."Id"))."Number" as u,
			(o."Home")."Street" as h, (row(1, 2)::"Sales"."Geo")."Number" as g
		from "Sales"."Orders" as o where (o."Place")."At" is distinct from row(7, 7)::"Sales"."Geo";
	create function "Sales"."Stamp"() returns trigger language plpgsql as 'begin return new; end';
	create trigger "Stamp" before update on "Sales"."Orders" for each row
		when ((old."Place")."Street" is distinct from (new."Place")."Street" or (new."Places"[1])."At"."Number" > 1) execute function "Sales"."Stamp"();
	alter table "Sales"."Orders" enable row level security;
	create policy "Own" on "Sales"."Orders" using (("Place")."Street" <> 'x' and exists (select from "Sales"."Typed" as t where (t."At")."Lat" = ("Orders"."Place")."At"."Lat"));`

// rows is a view of fields whose type the text does not tell.
const rows = `
	create view "Sales"."Rows" as
		select (x.o)."Number" as m, ((x.o)."Place")."At"."Number" as k from (select o from "Sales"."Orders" as o) as x(o);`

// salesSince are additions by major.
var salesSince = map[int]string{
	14: `
	create function "Sales"."Take"(n int) returns table (a int, b text) begin atomic
		with gone as (delete from "Sales"."Log" where "Log"."Number" = n returning "Number", "Log"."What", "Number" + 1)
			insert into "Sales"."Log" ("Number", "What") select g."Number" + 1000, g."What" from gone as g;
		update "Sales"."Orders" as "Place" set "Number" = "Place"."Amount", "Amount" = "Place"."Number" where "Place"."Number" = n returning "Number", ("Place"."Place")."Street";
	end;
	create procedure "Sales"."Add"(n int) begin atomic
		insert into "Sales"."Orders" ("Id", "Number", "Amount") values (n, n, n), (n + 1, n + 1, default) on conflict ("Id") do update set ("Amount", "Number") = (excluded."Number", "Orders"."Number" + n);
		insert into "Sales"."Log" default values;
		update "Sales"."V" set "Vamt" = 1 where "V"."Vid" = n;
	end;`,
	15: `
	create procedure "Sales"."Mix"(n int) begin atomic
		merge into "Sales"."Orders" using "Sales"."Log" on "Orders"."Number" = "Log"."Number" and "Log"."What" = 'mix'
			when matched and "Orders"."Amount" > n then update set "Amount" = "Log"."Number", "Place"."At"."Number" = "Orders"."Amount"
			when matched then delete
			when not matched and "Log"."What" = 'mix' then insert ("Id", "Number", "Amount", "Place"."Street") values ("Log"."Id" + 500, "Log"."Number", n, "Log"."What");
	end;`,
	17: `
	create function "Sales"."Mixed"(n int) returns setof int begin atomic
		merge into only "Sales"."Orders" as o using (select "Id", "Number" from "Sales"."Log") as l on o."Number" = l."Number"
			when not matched by source and o."Amount" > n then update set ("Amount", "Note") = (select 1, o."Note")
			when matched then do nothing
			returning o."Number";
	end;`,
	18: `
	create function "Sales"."Both"(n int) returns table (a int, b int, c text) begin atomic
		with was as (update "Sales"."Orders" set "Number" = "Number" + 1, "Place"."Street" = 'both' where "Id" = n returning old."Number", new."Number" as "Now", (new."Place")."Street", new."Amount")
			select w."Number", w."Now", w."Street" from was as w;
	end;
	create function "Sales"."Named"(n int) returns setof int begin atomic
		update "Sales"."Orders" set "Amount" = n where "Id" = n returning with (old as o, new as "Orders_2") o."Amount";
	end;`,
}

// usedSince writes through all that, by major.
var usedSince = map[int]string{
	12: `
	insert into "Sales"."V" values (1, 10, 5, 'n') returning *; insert into "Sales"."V" values (1, 10, 5, 'n') returning *;
	insert into "Sales"."Log" ("What", "Number") values ('log', 10);
	insert into "Sales"."V" values (2, 10, 7, 'm') returning *;
	insert into "Sales"."W" values (3, 10); insert into "Sales"."W" values (4, 40); insert into "Sales"."W" values (5, 50);
	update "Sales"."V" set "Vamt" = 8 where "Vid" in (1, 4) returning *;
	delete from "Sales"."V" where "Vid" >= 1;
	insert into "Sales"."Typed" values ('t', row(1, 2), '{a}');
	select * from "Sales"."Fields" order by 1, 2, 3, 4;`,
	14: `select * from "Sales"."Take"(110); call "Sales"."Add"(4); call "Sales"."Add"(60); select * from "Sales"."Take"(60);`,
	15: `insert into "Sales"."Log" ("What", "Number") values ('mix', 4), ('mix', 50), ('mix', 7); call "Sales"."Mix"(3);`,
	17: `select * from "Sales"."Mixed"(2);`,
	18: `select * from "Sales"."Both"(5); select * from "Sales"."Named"(5);`,
}

// upTo is what there is for a major.
func upTo(major int, by map[int]string) string {
	var text strings.Builder
	for m := 0; m <= major; m++ {
		text.WriteString(by[m])
	}
	return text.String()
}

// otherNames declares names for sales, and says what a text becomes with them.
// Two columns swap theirs.
func otherNames(s *Spec) (of func(string) string) {
	swap := map[string]string{"Number": "Amount", "Amount": "Number", "Place": "Where it is", "Id": "key"}
	s.Renames = []Rename{
		{Kind: "column", Match: pattern("*.*.*", 1), To: func(_, _, name string) (string, error) {
			if to, ok := swap[name]; ok {
				return to, nil
			}
			return name, nil
		}},
		{Kind: "table", Match: pattern("Sales.Orders", 2), To: func(_, _, _ string) (string, error) { return "Bills", nil }},
		{Kind: "schema", Match: pattern("Sales", 3), To: func(_, _, _ string) (string, error) { return "finance", nil }},
	}
	return strings.NewReplacer(`"Number"`, `"Amount"`, `"Amount"`, `"Number"`, `"Place"`, `"Where it is"`, `"Id"`, `"key"`,
		`"Orders"`, `"Bills"`, `"Sales"`, `"finance"`).Replace
}

func lowerCase(s *Spec) (of func(string) string) {
	s.Case = strings.ToLower
	return strings.ToLower
}

// What writes to tables, and what takes fields out of rows, follows the names of
// columns and of attributes: it does on the target what it does on the source, and
// one who knows nothing of the plan finds nothing to do.
func TestTextsThatWriteFollowTheirNames(t *testing.T) {
	t.Parallel()
	names := map[string]func(*Spec) func(string) string{"other names": otherNames, "lower case": lowerCase}
	majors := sandbox.Majors()
	pairs := [][2]int{{majors[0], majors[len(majors)-1]}}
	for _, major := range majors {
		pairs = append(pairs, [2]int{major, major})
	}
	for name, declare := range names {
		for _, pair := range slices.Compact(pairs) {
			t.Run(fmt.Sprintf("%s from %d to %d", name, pair[0], pair[1]), func(t *testing.T) {
				t.Parallel()
				w := &world{spec: everything()}
				w.spec.Include, w.spec.Exclude, w.spec.Stages = []Pattern{pattern("*.*", 14)}, nil, Stages{Schema: true}
				followsNames(t, w, declare(&w.spec), pair[0], pair[1])
			})
		}
	}
}

func followsNames(t *testing.T, w *world, of func(string) string, from, to int) {
	t.Helper()
	source := connect(t, sandbox.Shared(t, from, "source").Database(t))
	target := connect(t, sandbox.Shared(t, to, "target").Database(t))
	script := sales + upTo(from, salesSince)
	if w.spec.Case != nil { // then all fields of a name have the same new one
		script += rows
	}
	if _, err := source.Exec(t.Context(), script, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	w.source, w.target = read(t, source), read(t, target)
	p := w.build()
	if p.Conflicts() > 0 {
		t.Fatalf("%+v", p.Findings)
	}
	for i := range p.Steps {
		run(t, target, &p.Steps[i])
	}
	w.target, w.done = read(t, target), state.State{}
	for _, s := range w.build().Steps {
		// Another major may print a text in other words; the server prints a view's
		// columns with the names that they have there.
		if from == to && (w.spec.Case == nil || s.Object.Kind != catalog.KindView) {
			t.Errorf("still to do: %s: %s", s.ID, strings.Join(s.SQL, ";\n"))
		}
	}
	script = upTo(from, usedSince)
	if w.spec.Case != nil {
		script += `select * from "Sales"."Rows" order by 1;`
	}
	ours, theirs := results(t, source, script), results(t, target, of(script))
	tables := `select o from "Sales"."Orders" as o order by 1; select o from "Sales"."Log" as o order by "Id"; select o from "Sales"."Typed" as o`
	ours, theirs = ours+results(t, source, tables), theirs+results(t, target, of(tables))
	if ours != theirs || strings.Count(ours, "\n") < 20 {
		t.Errorf("the source has\n%s\nthe target\n%s", ours, theirs)
	}
}

// results are the rows that statements return, as text.
func results(t *testing.T, conn *pgx.Conn, script string) string {
	t.Helper()
	var text strings.Builder
	all, err := conn.PgConn().Exec(t.Context(), script).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	for _, result := range all {
		for _, row := range result.Rows {
			fmt.Fprintf(&text, "%s\n", row)
		}
		fmt.Fprintf(&text, "%s\n", result.CommandTag)
	}
	return text.String()
}

// swapped is a name whose letters have the other case: no two names become one.
func swapped(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, name)
}

// Every identifier of the judge's schemas gets its case changed, and the target is
// as planned: nothing but a body that is a string has to be given.
func TestEveryKindInAnotherCase(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range slices.Compact([]int{majors[0], majors[len(majors)-1]}) {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			source := connect(t, sandbox.Shared(t, major, "source").Database(t))
			target := connect(t, sandbox.Shared(t, major, "target").Database(t))
			fillRich(t, source, major)
			w := &world{spec: everything(), source: read(t, source), target: read(t, target)}
			w.spec.Include, w.spec.Exclude, w.spec.Stages = []Pattern{pattern("*.*", 14)}, nil, Stages{Schema: true}
			w.spec.Case, w.spec.Bodies = swapped, []Body{{Function: "types.first", Text: `select ($1)."A"`}} // an index calls it
			p := w.build()
			if p.Conflicts() > 0 {
				t.Fatalf("%+v", p.Findings)
			}
			for i := range p.Steps {
				if p.Steps[i].Action != SetSequences { // not every sequence can have the value that run gives it
					run(t, target, &p.Steps[i])
				}
			}
			w.target, w.done = read(t, target), state.State{}
			for _, s := range w.build().Steps {
				switch s.Object.Kind { // a view's text has the names that its columns had; the other is not filled
				case catalog.KindView, catalog.KindMaterializedView:
				default:
					t.Errorf("still to do: %s", s.ID)
				}
			}
		})
	}
}

// A view names the columns of a table as they were, by their place: which is the
// target's where a table is there already.
func TestAViewOfATableThatIsThere(t *testing.T) {
	t.Parallel()
	source := connect(t, sandbox.Shared(t, 0, "source").Database(t))
	target := connect(t, sandbox.Shared(t, 0, "target").Database(t))
	for conn, script := range map[*pgx.Conn]string{
		source: `create table public.t (id int primary key, a text, b text); create view public.v as select id, a, x.b as c from public.t as x;`,
		target: `create table public.t (b text, a text, gone text, id int primary key, more int, called text); alter table public.t drop column gone;
			insert into public.t values ('b', 'other', 1, null, 'a')`,
	} {
		if _, err := conn.Exec(t.Context(), script, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{spec: everything(), source: read(t, source), target: read(t, target)}
	w.spec.Tables = []TableRule{{Table: named("public", "t"), OnExisting: "append", Columns: []ColumnRule{{Column: "a", To: "called"}}}}
	run(t, target, stepOf(w.build(), "create view public.v"))
	if got := results(t, target, "select * from public.v"); got != "[1 a b]\nSELECT 1\n" {
		t.Errorf("the view has %s", got)
	}
}
