package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// pattern is one of a rename block.
func pattern(text string) planner.Pattern {
	return planner.Pattern{Text: text, Parts: strings.Split(text, ".")}
}

// trimmed names what is matched without its prefix.
func trimmed(prefix string) func(_, _, name string) (string, error) {
	return func(_, _, name string) (string, error) { return strings.TrimPrefix(name, prefix), nil }
}

// called is the name for whatever is matched.
func called(name string) func(_, _, _ string) (string, error) {
	return func(_, _, _ string) (string, error) { return name, nil }
}

const billing = `
	create schema billing;
	create type billing.mood as enum ('good', 'bad');
	create domain billing.money as numeric check (value >= 0);
	create function billing.double(x numeric) returns numeric language sql immutable as 'select x * 2';
	create table billing.tbl_customers (id serial primary key, cust_name text not null, email text, mood billing.mood default 'good'::billing.mood,
		unique (cust_name, email));
	create table billing.invoices (id bigint generated always as identity primary key,
		cust_id int references billing.tbl_customers, amount billing.money check (amount < 1000000),
		created_ts timestamptz default '2026-01-01', twice numeric generated always as (amount * 2) stored, note text);
	create index invoices_cust on billing.invoices (cust_id, lower(note)) where created_ts is not null;
	create statistics billing.invoices_stats on cust_id, amount from billing.invoices;
	comment on column billing.invoices.cust_id is 'who pays';
	create view billing.totals as
		select c.cust_name, count(*) as n, sum(i.amount) as total, max(i.created_ts) as last_ts
		from billing.invoices i join billing.tbl_customers c on c.id = i.cust_id group by c.cust_name;
	create view billing.unpaid as select id, cust_id from billing.invoices where note is null;
	create view billing.above as select * from billing.totals where total > 10;
	create materialized view billing.summary as select cust_id, sum(amount) as amount from billing.invoices group by cust_id;
	create unique index summary_cust on billing.summary (cust_id);
	create function billing.count_of(customer int) returns bigint language sql stable
		begin atomic select count(*) from billing.invoices where invoices.cust_id = count_of.customer; end;
	create function billing.customers() returns bigint language plpgsql as $$ declare n bigint; begin execute 'select count(*) from billing.tbl_customers' into n; return n; end $$;
	create function billing.stamp() returns trigger language plpgsql as $$ begin return new; end $$;
	create trigger stamp before update of cust_id on billing.invoices for each row when (old.cust_id is distinct from new.cust_id) execute function billing.stamp();
	alter table billing.invoices enable row level security;
	create policy own on billing.invoices using (cust_id > 0 and exists (select from billing.tbl_customers c where c.id = invoices.cust_id));
	create table billing.log (what int primary key);
	create rule quiet as on delete to billing.unpaid do instead insert into billing.log (what) values (old.cust_id);
	create table billing.parts (id int, made_ts date not null, primary key (id, made_ts)) partition by range (made_ts);
	create table billing.parts_1 partition of billing.parts for values from ('2026-01-01') to ('2027-01-01');
	create table billing.a (id int primary key, of_a text);
	create table billing.b (id int primary key, of_b text);
	create view billing.both as select a.id, a.of_a, b.of_b from billing.a, billing.b where a.id = b.id;
	insert into billing.tbl_customers (cust_name, email) select 'c' || i, i || '@x' from generate_series(1, 20) as i;
	insert into billing.invoices (cust_id, amount, note) select 1 + i % 20, i, 'n' || i from generate_series(1, 500) as i;
	insert into billing.parts select i, '2026-06-01' from generate_series(1, 50) as i;
	insert into billing.a values (1, 'a'); insert into billing.b values (1, 'b');
	refresh materialized view billing.summary;
`

// renamed declares other names for nearly everything in the schema billing.
func renamed(s *planner.Spec) {
	s.Include = []planner.Pattern{pattern("public.*"), pattern("billing.*")}
	s.Bodies = []planner.Body{{Function: "billing.customers()", Text: " begin return (select count(*) from finance.customers); end "}}
	s.Renames = []planner.Rename{
		{Kind: "schema", Match: pattern("billing"), To: called("finance")},
		{Kind: "table", Match: pattern("billing.tbl_*"), To: trimmed("tbl_")},
		{Kind: "column", Match: pattern("*.*.*_ts"), To: func(_, _, name string) (string, error) { return strings.TrimSuffix(name, "_ts") + "_at", nil }},
	}
	table := func(from, to string, columns ...planner.ColumnRule) planner.TableRule {
		return planner.TableRule{Table: catalog.Name{Schema: "billing", Local: from}, To: catalog.Name{Local: to}, Columns: columns}
	}
	s.Tables = []planner.TableRule{
		table("invoices", "invoice", planner.ColumnRule{Column: "cust_id", To: "customer_id"}),
		table("a", "b"),
		table("b", "a"),
	}
}

// Everything that depends on what is renamed follows, in the load and in the
// changes; two tables swap their names, and what has the old names on the target
// is nobody's business.
func TestNamesFollow(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	renamed(&l.spec)
	sandbox.Exec(t, l.target, "create schema billing; create table billing.invoices (theirs int); insert into billing.invoices values (7)")
	l.begin(t, billing, nil)
	l.do(`insert into billing.invoices (cust_id, amount) values (3, 1000), (4, 2000);
		update billing.invoices set cust_id = 5, note = 'moved' where id = 17;
		delete from billing.invoices where id = 18;
		update billing.tbl_customers set cust_name = 'other' where id = 2;
		insert into billing.parts values (100, '2026-07-01');
		update billing.parts set made_ts = '2026-08-01' where id = 7;
		insert into billing.a values (2, 'more'); update billing.b set of_b = 'changed';
		truncate billing.log; insert into billing.log values (1)`)
	l.settle()
	same := func(source, target string) {
		t.Helper()
		if from, to := sandbox.Query(t, l.source, source), sandbox.Query(t, l.target, target); !slices.Equal(from, to) || len(from) == 0 {
			t.Errorf("%s is %q\n%s is %q", source, from, target, to)
		}
	}
	same("select concat(id, cust_name, email, mood) from billing.tbl_customers order by id", "select concat(id, cust_name, email, mood) from finance.customers order by id")
	same("select concat(id, ' ', cust_id, ' ', amount, created_ts, twice, note) from billing.invoices order by id",
		"select concat(id, ' ', customer_id, ' ', amount, created_at, twice, note) from finance.invoice order by id")
	same("select concat(id, made_ts) from billing.parts order by id", "select concat(id, made_at) from finance.parts order by id")
	same("select concat(id, of_a) from billing.a order by id", "select concat(id, of_a) from finance.b order by id")
	same("select concat(id, of_b) from billing.b order by id", "select concat(id, of_b) from finance.a order by id")
	same("select concat(id, of_a, of_b) from billing.both order by id", `select concat(id, of_a, of_b) from finance."both" order by id`)
	same("select concat(t) from billing.totals as t order by cust_name", "select concat(t) from finance.totals as t order by cust_name")
	same("select concat(t) from billing.above as t order by cust_name", "select concat(t) from finance.above as t order by cust_name")
	same("select concat(t) from billing.unpaid as t order by id", "select concat(t) from finance.unpaid as t order by id")
	same("select billing.customers()", "select finance.customers()")
	same("select billing.count_of(5)", "select finance.count_of(5)")
	same("select concat(what) from billing.log", "select concat(what) from finance.log")
	if theirs := sandbox.Query(t, l.target, "select theirs from billing.invoices"); !slices.Equal(theirs, []string{"7"}) {
		t.Errorf("what was on the target is %q", theirs)
	}
	l.nothingLeft(t)
	l.cutOver(l.ctx, t)
	same("select concat(cust_id, sum(amount)) from billing.invoices group by cust_id order by cust_id", "select concat(cust_id, amount) from finance.summary order by cust_id")
	same("select last_value + 1 from billing.tbl_customers_id_seq", "select nextval('finance.tbl_customers_id_seq')")
	sandbox.Exec(t, l.target, "insert into finance.invoice (customer_id, amount) values (1, 1); delete from finance.unpaid where id = 501")
}

// Every identifier gets the declared case, and what depends on it still means
// the same.
func TestNamesInLowerCase(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.Case = strings.ToLower
	l.begin(t, `
		create schema "Sales";
		create type "Sales"."Mood" as enum ('Good', 'Bad');
		create function "Sales"."Tax"("Amount" numeric) returns numeric language sql immutable as 'select $1 / 10';
		create table "Sales"."Orders" ("Id" serial primary key, "User" text, "Mood" "Sales"."Mood" default 'Good',
			"Amount" numeric constraint "Positive" check ("Amount" > 0), "Tax" numeric generated always as ("Sales"."Tax"("Amount")) stored);
		create index "By User" on "Sales"."Orders" ("User", lower("User")) where "Amount" > 1;
		create view "Sales"."Big" as select "Id", "User" as "Who" from "Sales"."Orders" where "Amount" > 10;
		create view "Sales"."Bigger" as select "Who", count(*) as "N" from "Sales"."Big" group by "Who";
		create table "Sales"."Lines" ("Order" int references "Sales"."Orders" on delete set null, "Line" int, primary key ("Line"));
		create type "Sales"."Geo" as ("Lat" int, "Lon" int);
		create type "Sales"."Place" as ("Street" text, "At" "Sales"."Geo", "Tags" text[]);
		create table "Sales"."Shops" ("Id" int primary key, "Place" "Sales"."Place", "Others" "Sales"."Place"[],
			"Street" text generated always as (("Place")."Street") stored, constraint "Near" check ((("Place")."At")."Lat" < 1000));
		create index "By Street" on "Sales"."Shops" ((("Place")."Street"));
		create table "Sales"."Streets" of "Sales"."Place" ("Street" primary key);
		create view "Sales"."Near" as select "Id", ("Place")."Street" as "S", ("Others"[1])."At"."Lon" as "L" from "Sales"."Shops" where ("Place")."At" is not null;
		create function "Sales"."Lat"("Shop" int) returns int language sql stable
			begin atomic select (s."Place")."At"."Lat" from "Sales"."Shops" as s where s."Id" = "Lat"."Shop"; end;
		insert into "Sales"."Shops" select i, row('s' || i, row(i, -i), array['a', null])::"Sales"."Place", array[row('o', row(1, i), null)]::"Sales"."Place"[] from generate_series(1, 30) as i;
		insert into "Sales"."Streets" select 's' || i, row(i, null)::"Sales"."Geo", null from generate_series(1, 30) as i;
		insert into "Sales"."Orders" ("User", "Amount") select 'u' || i % 3, i from generate_series(1, 30) as i;
		insert into "Sales"."Lines" select i, i from generate_series(1, 20) as i;`, nil)
	l.do(`update "Sales"."Orders" set "User" = 'U' where "Id" < 5; insert into "Sales"."Orders" ("User", "Amount") values ('new', 100);
		delete from "Sales"."Lines" where "Line" = 3;
		update "Sales"."Shops" set "Place"."At"."Lat" = 7, "Others"[1]."Street" = 'x,"y' where "Id" < 4; update "Sales"."Shops" set "Place" = null where "Id" = 9;
		insert into "Sales"."Shops" values (40, row('', row(null, 1), '{}'), null); delete from "Sales"."Shops" where "Id" = 5;
		update "Sales"."Streets" set "At" = row(0, 0) where "Street" = 's4'; insert into "Sales"."Streets" values ('new', null, '{t}')`)
	l.settle()
	for source, target := range map[string]string{
		`select concat(o) from "Sales"."Orders" as o order by "Id"`:                     `select concat(o) from sales.orders as o order by id`,
		`select concat(o) from "Sales"."Bigger" as o order by "Who"`:                    `select concat(o) from sales.bigger as o order by who`,
		`select concat(o) from "Sales"."Lines" as o order by "Line"`:                    `select concat(o) from sales.lines as o order by line`,
		`select concat(o, "Sales"."Lat"("Id")) from "Sales"."Shops" as o order by "Id"`: `select concat(o, sales.lat(id)) from sales.shops as o order by id`,
		`select concat(o) from "Sales"."Near" as o order by "Id"`:                       `select concat(o) from sales.near as o order by id`,
		`select concat(o) from "Sales"."Streets" as o order by "Street"`:                `select concat(o) from sales.streets as o order by street`,
	} {
		if from, to := sandbox.Query(t, l.source, source), sandbox.Query(t, l.target, target); !slices.Equal(from, to) || len(from) == 0 {
			t.Errorf("%s is %q, and then %q", source, from, to)
		}
	}
	mixed := sandbox.Query(t, l.target, `
		select concat(c.relname, '.', a.attname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		  left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
		 where n.nspname !~ '^(pg_|information_schema|sluice)' and (c.relname <> lower(c.relname) or a.attname <> lower(a.attname))
		union all select conname from pg_constraint where conname <> lower(conname)
		union all select typname from pg_type where typname <> lower(typname)
		union all select nspname from pg_namespace where nspname <> lower(nspname)`)
	if len(mixed) > 0 {
		t.Errorf("in another case: %q", mixed)
	}
	l.nothingLeft(t)
}

// Rules and functions that write to tables whose columns have other names do the
// same there for an application, and nothing for the changes: what the source's
// have done comes with these.
func TestWhatWritesFollowsItsNames(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	table := func(from, to string, columns ...planner.ColumnRule) planner.TableRule {
		return planner.TableRule{Table: catalog.Name{Schema: "public", Local: from}, To: catalog.Name{Local: to}, Columns: columns}
	}
	l.spec.Tables = []planner.TableRule{
		table("orders", "bills", planner.ColumnRule{Column: "id", To: "key"}, planner.ColumnRule{Column: "a", To: "b"}, planner.ColumnRule{Column: "b", To: "a"}),
		table("log", "log", planner.ColumnRule{Column: "what", To: "was"}),
		table("items", "things", planner.ColumnRule{Column: "v", To: "value"}),
	}
	l.begin(t, `
		create table public.orders (id int primary key, a int unique, b int default 0);
		create table public.log (n int, what text);
		alter table public.log replica identity full;
		create table public.items (id int primary key, v text);
		create rule note as on insert to public.items where new.v <> 'quiet' do also insert into public.log (n, what) values (new.id, new.v);
		create view public.open as select id, a, b from public.orders where b >= 0;
		create rule put as on insert to public.open do instead insert into public.orders (id, a, b) values (new.id, new.a, new.b)
			on conflict (a) do update set b = excluded.b + orders.b, id = orders.id + 1000 where orders.a > 0 returning id, a, b;
		create rule change as on update to public.open do instead (update public.orders as o set (a, b) = (select new.a, o.b + new.b) where o.id = old.id;
			insert into public.log (n, what) values (old.id, old.a || ' ' || new.a));
		create rule remove as on delete to public.open do instead delete from public.orders using public.log as l where orders.id = old.id and l.what = 'go';
		insert into public.orders select i, i, i from generate_series(1, 10) as i;
		insert into public.log values (1, 'first');
		create function public.shift(by int) returns table (id int, a int) begin atomic
			merge into public.orders using public.log on orders.a = log.n and log.what = 'first' when matched then update set b = orders.b + by
				when not matched and log.what = 'go' then insert (id, a) values (by + log.n + 1000, by + log.n + 1000);
			with moved as (update public.orders set a = a + by where b > 5 returning id, a) select m.id, m.a from moved as m order by m.id;
		end;`, nil)
	const script = `
		insert into public.open values (90, 3, 4) returning *; insert into public.open values (91, 91, 4); update public.open set a = a + 200, b = 1 where id in (4, 91);
		delete from public.open where id = 5; insert into public.items values (1, 'go'), (2, 'quiet'); delete from public.open where id = 6;
		select from public.shift(300);`
	same := func() {
		t.Helper()
		for source, target := range map[string]string{
			"select concat(id, ' ', a, ' ', b) from public.orders order by id": "select concat(key, ' ', b, ' ', a) from public.bills order by key",
			"select concat(n, ' ', what) from public.log order by 1":           "select concat(n, ' ', was) from public.log order by 1",
			"select concat(o) from public.items as o order by id":              "select concat(o) from public.things as o order by id",
			"select concat(o) from public.open as o order by id":               "select concat(o) from public.open as o order by id",
		} {
			if from, to := sandbox.Query(t, l.source, source), sandbox.Query(t, l.target, target); !slices.Equal(from, to) || len(from) == 0 {
				t.Errorf("%s is %q, and then %q", source, from, to)
			}
		}
	}
	l.do(script)
	l.settle()
	same()
	l.nothingLeft(t)
	l.rest()
	again := strings.NewReplacer("90, 3", "92, 7", "91", "93", "(4,", "(8,", "5", "9", "6", "10", "(1,", "(3,", "(2,", "(4,", "300", "700").Replace(script)
	sandbox.Exec(t, l.source, again)
	sandbox.Exec(t, l.target, strings.ReplaceAll(again, "public.items", "public.things"))
	same()
}

// A column that is left out takes its indexes and constraints along, in the load
// and in the changes; what else needs it is a conflict.
func TestColumnsAreLeftOut(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.Tables = []planner.TableRule{
		{Table: catalog.Name{Schema: "public", Local: "docs"}, Exclude: []string{"raw", "num"}, Columns: []planner.ColumnRule{{Column: "title", To: "name"}}},
		{Table: catalog.Name{Schema: "public", Local: "logs"}, Exclude: []string{"secret"}},
		{Table: catalog.Name{Schema: "public", Local: "parts"}, Exclude: []string{"raw"}},
	}
	l.begin(t, `
		create table public.docs (raw text, id int generated always as identity primary key, num serial unique, title text, size int,
			check (length(raw) < 1000), check (size > 0));
		create index docs_raw on public.docs (lower(raw));
		create index docs_title on public.docs (title);
		create view public.titles as select id, title from public.docs where size > 1;
		create table public.logs (at int, secret text, what text);
		alter table public.logs replica identity full;
		create table public.parts (id int, raw text, v text, primary key (id)) partition by range (id);
		create table public.parts_1 partition of public.parts for values from (0) to (1000);
		insert into public.docs (raw, title, size) select 'r' || i, 't' || i, i from generate_series(1, 300) as i;
		insert into public.logs select i % 10, 's' || i, 'w' || i % 3 from generate_series(1, 100) as i;
		insert into public.parts select i, 'r', 'v' || i from generate_series(1, 100) as i;`, nil)
	l.do(`insert into public.docs (raw, title, size) values ('x', 'new', 9);
		update public.docs set raw = 'only this' where id = 3; update public.docs set title = 'other', raw = null where id = 4;
		delete from public.docs where id = 5;
		insert into public.logs values (1, 'x', 'w'); delete from public.logs where secret = 's7'; update public.logs set what = 'z' where secret = 's8';
		update public.logs set secret = 'none';
		insert into public.parts values (500, 'r', 'v'); update public.parts set id = 501 where id = 7`)
	l.settle()
	for source, target := range map[string]string{
		"select concat_ws(' ', id, title, size) from public.docs order by id": "select concat(d.id, ' ', name, ' ', size) from public.docs as d order by id",
		"select concat(t) from public.titles as t order by id":                "select concat(t) from public.titles as t order by id",
		"select concat(at, what) from public.logs order by 1":                 "select concat(at, what) from public.logs order by 1",
		"select concat(id, v) from public.parts order by id":                  "select concat(id, v) from public.parts order by id",
	} {
		if from, to := sandbox.Query(t, l.source, source), sandbox.Query(t, l.target, target); !slices.Equal(from, to) || len(from) == 0 {
			t.Errorf("%s is %q, and then %q", source, from, to)
		}
	}
	left := sandbox.Query(t, l.target, `select concat(attrelid::regclass, '.', attname) from pg_attribute where attname in ('raw', 'secret', 'num') and attrelid::regclass::text !~ '^pg_'
		union all select relname from pg_class where relname in ('docs_raw', 'docs_num_key', 'docs_num_seq')`)
	if len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
	l.nothingLeft(t)
	l.cutOver(l.ctx, t)
}

// Every object of a database that holds every kind arrives in schemas of other
// names, public included, and depends there on what it depends on here.
func TestEveryKindFollowsItsSchema(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false // so that event triggers come at once
	m.spec.Owners, m.spec.Grants = true, true
	m.spec.Renames = []planner.Rename{{Kind: "schema", Match: pattern("*"), To: func(_, _, name string) (string, error) { return "new_" + name, nil }}}
	majors := sandbox.Majors()
	fillEveryKind(t, m, majors[len(majors)-1])
	if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
		t.Fatalf("%s: %v", outcome, err)
	}
	m.nothingLeft(t)
	old := func(name string) string { return strings.ReplaceAll(name, "new_", "") }
	sums := map[string]string{}
	for table, sum := range sandbox.Sums(t, m.target) {
		sums[old(table)] = sum
	}
	if diff := cmp.Diff(sandbox.Sums(t, m.source), sums); diff != "" {
		t.Errorf("the rows differ (-source +target):\n%s", diff)
	}
	const dependencies = `
		select distinct concat(o.type, ' ', o.identity, ' -> ', r.type, ' ', r.identity, ' ', d.deptype)
		  from pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) o, pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) r
		 where d.objid >= 16384 and d.refobjid >= 16384 and concat(o.identity, r.identity) !~ 'pg_toast|_ConstraintTrigger_|sluice'
		   and not exists (select from pg_depend e where e.deptype = 'e' and e.objid in (d.objid, d.refobjid))` // an extension may have another version
	before, after := sandbox.Query(t, m.source, dependencies), sandbox.Query(t, m.target, dependencies)
	for i := range after {
		after[i] = old(after[i])
	}
	// Names in quotes differ, and what is in no schema is called as it was.
	for _, list := range [][]string{before, after} {
		for i := range list {
			list[i] = strings.ReplaceAll(list[i], `"`, "")
		}
		slices.Sort(list)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the dependencies differ (-source +target):\n%s", diff)
	}
}
