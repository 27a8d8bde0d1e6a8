package mapping

import (
	"strings"
	"testing"

	"sluice/planner/catalog"
)

// world has billing.invoices with a renamed column, billing.plain with none,
// and a type, a function and an operator.
func world() (*rewriter, *catalog.Object) {
	columns := func(names ...string) *catalog.Table {
		table := &catalog.Table{}
		for _, n := range names {
			table.Columns = append(table.Columns, catalog.Column{Name: n})
		}
		return table
	}
	name := func(local string) catalog.Name { return catalog.Name{Schema: "billing", Local: local} }
	to := func(local string) catalog.Name { return catalog.Name{Schema: "finance", Local: local} }
	invoices := &catalog.Object{ID: catalog.ID{Kind: catalog.KindTable, Schema: "billing", Name: "invoices"}, Spec: columns("id", "cust_id", "zone")}
	plain := &catalog.Object{ID: catalog.ID{Kind: catalog.KindTable, Schema: "billing", Name: "plain"}, Spec: columns("id")}
	return &rewriter{
		names: map[catalog.Name]catalog.Name{
			name("invoices"): to("invoice"), name("zone"): to("zone"), name("plain"): to("plain"), name("mood"): to("mood"), name("f"): to("f"), name("+"): to("+"),
			name("invoices_id_seq"): to("invoices_id_seq"),
		},
		others:  map[catalog.Name]catalog.Name{name("plain"): to("other")},
		tables:  map[catalog.Name]*catalog.Object{name("invoices"): invoices, name("plain"): plain, name("zone"): plain},
		schemas: map[string]bool{"billing": true, "public": true},
		schema:  func(s string) string { return strings.ReplaceAll(s, "billing", "finance") },
		left:    func(*catalog.Object, string) bool { return false },
		cased:   func(s string) string { return strings.ToLower(s) },
		column: func(of *catalog.Object, c string) string {
			return map[string]string{"cust_id": "Customer", "zone": "area"}[c] + strings.TrimPrefix(strings.TrimPrefix(c, "cust_id"), "zone")
		},
	}, invoices
}

func TestTextsGetTheirNewNames(t *testing.T) {
	t.Parallel()
	w, invoices := world()
	own, query := subject{of: invoices}, subject{queries: true}
	row := subject{of: invoices, rows: invoices, called: "New"}
	for name, c := range map[string]struct {
		about      subject
		text, want string
	}{
		"a type":                        {subject{objects: true}, "billing.mood[]", "finance.mood[]"},
		"an extension's type":           {subject{objects: true}, "billing.citext", "finance.citext"},
		"what is in public stays":       {subject{objects: true}, "public.citext", "public.citext"},
		"a default":                     {subject{}, "nextval('billing.invoices_id_seq'::regclass)", "nextval('finance.invoices_id_seq'::regclass)"},
		"a string that is none":         {subject{}, "'billing.invoices'::text", "'billing.invoices'::text"},
		"an operator":                   {own, "(cust_id OPERATOR(billing.+) 1)", `("Customer" OPERATOR(finance.+) 1)`},
		"a check":                       {own, "CHECK ((cust_id > 0))", `CHECK (("Customer" > 0))`},
		"a function called as a column": {own, "(cust_id(cust_id) = 1)", `(cust_id("Customer") = 1)`},
		"a type of two words":           {own, "(id)::timestamp without time zone", "(id)::timestamp without time zone"},
		"a column called like a word":   {own, "(zone = 1)", "(area = 1)"},
		"a collation":                   {own, `(cust_id COLLATE "C")`, `("Customer" COLLATE "C")`},
		"an index": {subject{of: invoices, called: "i2"}, "CREATE UNIQUE INDEX i ON billing.invoices USING btree (cust_id text_ops DESC, billing.f(zone)) WHERE (cust_id IS NOT NULL)",
			`CREATE UNIQUE INDEX i2 ON finance.invoice USING btree ("Customer" text_ops DESC, finance.f(area)) WHERE ("Customer" IS NOT NULL)`},
		"a trigger": {row, "CREATE TRIGGER t BEFORE UPDATE OF cust_id ON billing.invoices FOR EACH ROW WHEN ((old.cust_id IS DISTINCT FROM new.cust_id)) EXECUTE FUNCTION billing.f('cust_id')",
			`CREATE TRIGGER "New" BEFORE UPDATE OF "Customer" ON finance.invoice FOR EACH ROW WHEN ((old."Customer" IS DISTINCT FROM new."Customer")) EXECUTE FUNCTION finance.f('cust_id')`},
		"a view without an alias":         {query, "SELECT invoices.cust_id FROM billing.invoices;", "SELECT invoices.cust_id FROM finance.invoice invoices(id, cust_id, zone);"},
		"a view with an alias":            {query, "SELECT i.cust_id FROM billing.invoices i, billing.plain", "SELECT i.cust_id FROM finance.invoice i(id, cust_id, zone), finance.plain"},
		"whole rows":                      {row, "WHEN ((old.* IS DISTINCT FROM new.*))", "WHEN ((old.* IS DISTINCT FROM new.*))"},
		"an own row":                      {own, "CHECK ((invoices.* IS NOT NULL))", "CHECK ((invoice.* IS NOT NULL))"},
		"an extension's operator class":   {own, "USING gin (zone billing.gin_trgm_ops)", "USING gin (area finance.gin_trgm_ops)"},
		"a table called like its schema":  {query, "SELECT billing.id, billing.a FROM billing.plain billing", "SELECT billing.id, billing.a FROM finance.plain billing"},
		"a column called like the schema": {query, "SELECT p.billing, p.id FROM billing.plain p", "SELECT p.billing, p.id FROM finance.plain p"},
		"columns with names already":      {query, "SELECT i.a FROM billing.invoices i(a)", "SELECT i.a FROM finance.invoice i(a, cust_id, zone)"},
		"joins": {query, "FROM ((billing.invoices i JOIN ONLY billing.invoices USING (cust_id)) JOIN billing.plain p ON (true))",
			"FROM ((finance.invoice i(id, cust_id, zone) JOIN ONLY finance.invoice invoices(id, cust_id, zone) USING (cust_id)) JOIN finance.plain p ON (true))"},
		"a row's type":                 {query, "SELECT NULL::billing.invoices, billing.f(1)", "SELECT NULL::finance.invoice, finance.f(1)"},
		"an own subquery":              {subject{of: invoices, queries: true}, "(EXISTS ( SELECT 1 FROM billing.plain p WHERE (p.id = invoices.cust_id)))", `(EXISTS ( SELECT 1 FROM finance.plain p WHERE (p.id = invoice."Customer")))`},
		"a rule's table":               {query, "CREATE RULE r AS ON UPDATE TO billing.plain DO ALSO SELECT 1", "CREATE RULE r AS ON UPDATE TO finance.plain DO ALSO SELECT 1"},
		"an insert":                    {query, "INSERT INTO billing.plain (id) VALUES (1)", "INSERT INTO finance.plain (id) VALUES (1)"},
		"an insert of renamed columns": {query, "INSERT INTO billing.invoices (cust_id, zone) SELECT p.zone FROM billing.plain p; NOTIFY x", `INSERT INTO finance.invoice AS invoices ("Customer", area) SELECT p.zone FROM finance.plain p; NOTIFY x`},
		"an update": {subject{rows: invoices, queries: true}, "UPDATE billing.invoices SET cust_id = new.cust_id, (zone, id) = (SELECT p.zone, invoices.id FROM billing.plain p) FROM billing.plain p WHERE (invoices.cust_id = ARRAY[p.cust_id, old.zone]) RETURNING invoices.cust_id, invoices.id, (invoices.zone + 1) AS zone",
			`UPDATE finance.invoice invoices SET "Customer" = new."Customer", (area, id) = (SELECT p.zone, invoices.id FROM finance.plain p) FROM finance.plain p WHERE (invoices."Customer" = ARRAY[p.cust_id, old.area]) RETURNING invoices."Customer" AS cust_id, invoices.id, (invoices.area + 1) AS zone`},
		"an upsert": {query, `INSERT INTO billing.invoices AS i (zone) VALUES (1) ON CONFLICT(zone, billing.f(cust_id)) WHERE (cust_id > 0) DO UPDATE SET zone[1] = CASE WHEN (excluded.zone = i.zone) THEN 1 ELSE 2 END, cust_id = 3 WHERE (i.cust_id = 1)`,
			`INSERT INTO finance.invoice AS i (area) VALUES (1) ON CONFLICT(area, finance.f("Customer")) WHERE ("Customer" > 0) DO UPDATE SET area[1] = CASE WHEN (excluded.area = i.area) THEN 1 ELSE 2 END, "Customer" = 3 WHERE (i."Customer" = 1)`},
		"an upsert by a constraint": {query, `INSERT INTO billing.plain (id) VALUES (1) ON CONFLICT ON CONSTRAINT "Key" DO NOTHING`, `INSERT INTO finance.plain (id) VALUES (1) ON CONFLICT ON CONSTRAINT key DO NOTHING`},
		"deletes within others": {query, "WITH d AS (DELETE FROM ONLY billing.invoices invoices_1 WHERE (invoices_1.zone = 1) RETURNING invoices_1.zone) DELETE FROM billing.invoices USING d WHERE (invoices.cust_id = d.zone)",
			`WITH d AS (DELETE FROM ONLY finance.invoice invoices_1 WHERE (invoices_1.area = 1) RETURNING invoices_1.area AS zone) DELETE FROM finance.invoice invoices USING d WHERE (invoices."Customer" = d.zone)`},
		"a merge": {query, "MERGE INTO billing.invoices i USING billing.invoices x ON (i.zone = x.zone) WHEN MATCHED AND (i.cust_id = 1) THEN UPDATE SET zone = x.zone WHEN NOT MATCHED THEN INSERT (zone, cust_id) VALUES (x.zone, 1) RETURNING i.zone, x.zone",
			`MERGE INTO finance.invoice i USING finance.invoice x(id, cust_id, zone) ON (i.area = x.zone) WHEN MATCHED AND (i."Customer" = 1) THEN UPDATE SET area = x.zone WHEN NOT MATCHED THEN INSERT (area, "Customer") VALUES (x.zone, 1) RETURNING i.area AS zone, x.zone`},
		"rows before and after":          {query, "UPDATE billing.invoices SET zone = 1 RETURNING old.zone, new.zone AS after, new.id", "UPDATE finance.invoice invoices SET area = 1 RETURNING old.area AS zone, new.area AS after, new.id"},
		"rows of other names":            {query, "UPDATE billing.invoices SET zone = 1 RETURNING WITH (OLD AS o, NEW AS n) o.zone, n.zone AS after", "UPDATE finance.invoice invoices SET area = 1 RETURNING WITH (OLD AS o, NEW AS n) o.area AS zone, n.area AS after"},
		"what a subquery calls its own":  {subject{of: invoices, queries: true}, "((zone = 1) AND (( SELECT v.zone FROM ( VALUES (1)) v(zone)) = invoices.zone))", "((area = 1) AND (( SELECT v.zone FROM ( VALUES (1)) v(zone)) = invoice.area))"},
		"an extension's type in a query": {query, "FROM f() x(a billing.citext)", "FROM f() x(a finance.citext)"},
		"a function called like a table": {query, "SELECT billing.plain(1) FROM billing.plain", "SELECT finance.other(1) FROM finance.plain"},
		"a table behind REFERENCES":      {own, " billing.plain(zone)", " finance.plain(area)"},
		"what is quoted without need":    {subject{objects: true}, `"billing"."f"(billing.mood)`, `"finance"."f"(finance.mood)`},
		"a parameter":                    {subject{queries: true, function: "f", called: "g"}, "SELECT f.id FROM billing.plain p", "SELECT g.id FROM finance.plain p"},
		"a search_path":                  {subject{}, "CREATE FUNCTION billing.f(a billing.mood)\n SET search_path TO 'billing', 'public'\nAS $$billing.f$$", "CREATE FUNCTION finance.f(a finance.mood)\n SET search_path TO 'finance', 'public'\nAS $$billing.f$$"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := w.text(c.text, c.about); got != c.want || err != nil {
				t.Errorf("got  %s\nwant %s (%v)", got, c.want, err)
			}
		})
	}
}

// addFields adds a type with an attribute that a table has, too, but called
// otherwise; one of it; and what returns them.
func (w *rewriter) addFields() {
	name := func(local string) catalog.Name { return catalog.Name{Schema: "billing", Local: local} }
	place := &catalog.Object{ID: catalog.ID{Kind: catalog.KindType, Schema: "billing", Name: "place"},
		Spec: &catalog.Composite{Attributes: []catalog.Attribute{{Name: "zone", Type: "integer"}, {Name: "Street", Type: "text"}}}}
	house := &catalog.Object{ID: catalog.ID{Kind: catalog.KindType, Schema: "billing", Name: "house"},
		Spec: &catalog.Composite{Attributes: []catalog.Attribute{{Name: "At", Type: "billing.place"}, {Name: "Was", Type: "billing.place[]"}}}}
	good := &catalog.Object{ID: catalog.ID{Kind: catalog.KindDomain, Schema: "billing", Name: "good"}, Spec: &catalog.Domain{Type: "billing.place"}}
	w.types = map[catalog.Name]*catalog.Object{name("place"): place, name("house"): house, name("good"): good}
	w.attribute = func(_ *catalog.Object, a string) string { return strings.ToUpper(a) }
	w.returned = map[catalog.Name]string{name("row"): "billing.invoices", name("at"): "billing.place", name("out"): "record"}
	homes := &catalog.Object{ID: catalog.ID{Kind: catalog.KindTable, Schema: "billing", Name: "homes"},
		Spec: &catalog.Table{Columns: []catalog.Column{{Name: "h", Type: "billing.house"}, {Name: "p", Type: "billing.place"}, {Name: "i", Type: "billing.invoices"}, {Name: "g", Type: "billing.good"}}}}
	w.names[name("homes")], w.tables[name("homes")] = catalog.Name{Schema: "finance", Local: "homes"}, homes
}

// A field has the name that its type gives it, where the text tells the type.
func TestFieldsFollowTheirType(t *testing.T) {
	t.Parallel()
	w, _ := world()
	w.addFields()
	homes := w.tables[catalog.Name{Schema: "billing", Local: "homes"}]
	own, query, row := subject{of: homes}, subject{queries: true}, subject{of: homes, rows: homes}
	for name, c := range map[string]struct {
		about      subject
		text, want string
	}{
		"a column's":    {own, "((p).zone = 1)", `((p)."ZONE" = 1)`},
		"a table's row": {own, "((i).zone = 1)", `((i).area = 1)`},
		"a domain's":    {own, "((g).zone = 1)", `((g)."ZONE" = 1)`},
		"a parameter's": {subject{queries: true, function: "f", called: "g", params: parameters("a billing.place, INOUT \"B\" billing.invoices[], billing.place, double precision")},
			`SELECT (f.a).zone, f."B"[1].zone, ($3).zone`, `SELECT (g.a)."ZONE", g."B"[1].area, ($3)."ZONE"`},
		"a check's":               {subject{value: "billing.place"}, "CHECK (((VALUE).zone > 0))", `CHECK (((VALUE)."ZONE" > 0))`},
		"a field's":               {own, `((h)."At".zone = 1)`, `((h)."AT"."ZONE" = 1)`},
		"an element's":            {own, `((h)."Was"[1].zone = 1)`, `((h)."WAS"[1]."ZONE" = 1)`},
		"a new row's":             {row, "((new.p).zone = (old.i).zone)", `((new.p)."ZONE" = (old.i).area)`},
		"a cast's":                {query, "SELECT ((ROW(1, 'x'))::billing.place).zone", `SELECT ((ROW(1, 'x'))::finance.place)."ZONE"`},
		"a function's":            {query, "SELECT (billing.row(1)).zone, (billing.at((1))).zone, (billing.out()).zone", `SELECT (finance.row(1)).area, (finance.at((1)))."ZONE", (finance.out()).zone`},
		"a relation's":            {query, "SELECT (homes.p).zone, (x.i).zone FROM billing.homes, billing.homes x", `SELECT (homes.p)."ZONE", (x.i).area FROM finance.homes, finance.homes x`},
		"what is told by no type": {query, `SELECT (v.x)."Street" FROM ( VALUES (1)) v(x)`, `SELECT (v.x)."STREET" FROM ( VALUES (1)) v(x)`},
		"of a column that is set": {query, `UPDATE billing.homes SET p.zone = 1, h."At".zone = (homes.p).zone, h."Was"[1].zone = 2 RETURNING (homes.i).zone AS zone`,
			`UPDATE finance.homes SET p."ZONE" = 1, h."AT"."ZONE" = (homes.p)."ZONE", h."WAS"[1]."ZONE" = 2 RETURNING (homes.i).area AS zone`},
		"of a column in a list": {query, `INSERT INTO billing.homes (h."At".zone, i.zone, p."Street") VALUES (1, 2, 'x')`,
			`INSERT INTO finance.homes (h."AT"."ZONE", i.area, p."STREET") VALUES (1, 2, 'x')`},
		"a system's": {query, "SELECT (x.x).lsn FROM pg_x() x(x)", "SELECT (x.x).lsn FROM pg_x() x(x)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := w.text(c.text, c.about); got != c.want || err != nil {
				t.Errorf("got  %s\nwant %s (%v)", got, c.want, err)
			}
		})
	}
}

// A table that the target has already may have its columns in another order, and
// more of them; one that is left out is none of them.
func TestAliasesAreInTheTargetsOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there      []string
		left       string
		text, want string
	}{
		"another order": {[]string{"area", "cust_id", "id", "Customer", "more"}, "", "SELECT invoices.zone FROM billing.invoices",
			"SELECT invoices.zone FROM finance.invoice invoices(zone, cust_id_, id, cust_id)"},
		"names given":        {[]string{"area", "id", "Customer"}, "", "SELECT x.c FROM billing.invoices x(a, b, c)", "SELECT x.c FROM finance.invoice x(c, a, b)"},
		"a column to add":    {[]string{"id", "Customer", "more"}, "", "SELECT x.zone FROM billing.invoices x", "SELECT x.zone FROM finance.invoice x(id, cust_id, more, zone)"},
		"one is left out":    {nil, "id", "SELECT x.zone FROM billing.invoices x", "SELECT x.zone FROM finance.invoice x(cust_id, zone)"},
		"its name is given":  {nil, "id", "SELECT x.c FROM billing.invoices x(a, b, c)", "SELECT x.c FROM finance.invoice x(b, c)"},
		"its name is in use": {nil, "id", "SELECT x.a FROM billing.invoices x(a, b, c)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := world()
			w.there = func(catalog.Name) []string { return c.there }
			w.left = func(_ *catalog.Object, column string) bool { return column == c.left }
			if got, err := w.text(c.text, subject{queries: true}); err == nil && got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got  %s\nwant %s (%v)", got, c.want, err)
			}
		})
	}
}

// Extensions stay in public, and functions that search it must find them there.
func TestASearchPathKeepsWhatExtensionsHaveInPublic(t *testing.T) {
	t.Parallel()
	w, _ := world()
	w.schema = func(s string) string { return "new_" + s }
	for inPublic, want := range map[bool]string{false: "SET search_path TO 'new_public', 'pg_temp'", true: "SET search_path TO 'new_public', 'public', 'pg_temp'"} {
		w.inPublic = inPublic
		if got, err := w.text("SET search_path TO 'public', 'pg_temp'", subject{}); got != want || err != nil {
			t.Errorf("got %s, want %s (%v)", got, want, err)
		}
	}
}

func TestARowsTableIsNotTakenForAnAlias(t *testing.T) {
	t.Parallel()
	w, invoices := world()
	got, err := w.text("(EXISTS ( SELECT 1 FROM billing.plain invoice WHERE (invoice.id = invoices.id)))", subject{of: invoices, queries: true})
	if err == nil {
		t.Errorf("became %q", got)
	}
}

func TestWhatCannotBeToldIsAnError(t *testing.T) {
	t.Parallel()
	w, _ := world()
	w.addFields()
	for name, text := range map[string]string{
		"a field that two types call otherwise":                     "SELECT (v.x).zone FROM ( VALUES (1)) v(x)",
		"a row after an update, or another":                         "WITH new AS (SELECT 1) UPDATE billing.invoices SET id = 1 RETURNING new.zone",
		"a table called like its schema, and a column like a table": "SELECT billing.id, billing.zone FROM billing.zone, billing.invoices billing",
	} {
		if got, err := w.text(text, subject{queries: true}); err == nil {
			t.Errorf("%s became %q", name, got)
		}
	}
}
