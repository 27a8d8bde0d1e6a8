package ddl

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/examples/shop"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// TestServersAgree lets the servers judge: what Create makes of a catalog reads
// back as that catalog, and pg_dump sees no difference either.
func TestServersAgree(t *testing.T) {
	t.Parallel()
	for _, major := range sandbox.Majors() {
		for name, fill := range map[string]func(*testing.T, string, int){"rich": fillRich, "shop": fillShop} {
			t.Run(fmt.Sprintf("%s on %d", name, major), func(t *testing.T) {
				t.Parallel()
				server := sandbox.Shared(t, major, "source")
				a, b := server.Database(t), server.Database(t)
				fill(t, a, major)
				agree(t, a, b)
			})
		}
	}
}

// TestNewestServerTakesWhatOlderOnesHave: its catalog names the same objects.
// Not every fingerprint is the same, since a newer server words some
// definitions in another way.
func TestNewestServerTakesWhatOlderOnesHave(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	newest := majors[len(majors)-1]
	for _, major := range majors[:len(majors)-1] {
		t.Run(fmt.Sprintf("%d to %d", major, newest), func(t *testing.T) {
			t.Parallel()
			a := sandbox.Shared(t, major, "source").Database(t)
			b := sandbox.Shared(t, newest, "source").Database(t)
			fillRich(t, a, major)
			sandbox.SameRoles(t, a, b)
			source := read(t, a)
			rebuild(t, b, source)
			target := read(t, b)
			sameSet(t, "the catalog", ids(source), ids(target))
			for i := range source.Objects {
				o := &source.Objects[i]
				if there := target.Find(o.ID); there != nil && there.Fingerprint() != o.Fingerprint() {
					t.Logf("%s is worded otherwise:\n%s\n%s", o.ID, show(there), show(o))
				}
			}
		})
	}
}

// fillRich runs testdata/rich/*.sql: basic.sql on every major, basic_14.sql only
// on those from 14 on.
func fillRich(t *testing.T, url string, major int) {
	t.Helper()
	fillFrom(t, url, "testdata/rich/*.sql", major)
}

func fillFrom(t *testing.T, url, pattern string, major int) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files) // basic.sql, basic_14.sql, …
	for _, file := range files {
		_, from, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".sql"), "_")
		if since, err := strconv.Atoi(from); err == nil && major < since {
			continue
		}
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sandbox.Exec(t, url, string(sql))
	}
}

func fillShop(t *testing.T, url string, _ int) {
	t.Helper()
	if err := shop.Load(t.Context(), connect(t, url), 0); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func read(t *testing.T, url string) *catalog.Catalog {
	t.Helper()
	c, err := introspect.Read(t.Context(), connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ids(c *catalog.Catalog) []string {
	var ids []string
	for _, o := range c.Objects {
		ids = append(ids, o.ID.String())
	}
	return ids
}

// rebuild makes what source holds in the empty database of a URL, each object
// in a transaction.
func rebuild(t *testing.T, url string, source *catalog.Catalog) {
	t.Helper()
	there := read(t, url)
	builder := newBuilder(t, url)
	run := builder.run
	begun := map[catalog.ID]bool{}
	for _, o := range inOrder(source) {
		if _, ok := o.Spec.(*catalog.Unsupported); ok {
			t.Errorf("%s is not supported; the sample should hold what is", o.ID)
		}
		switch {
		case there.Find(o.ID) != nil: // the schema public is
			run(o, Comment(o))
		case begun[o.ID]:
			run(o, Complete(o, there.Server.Version)...)
		case inTwoSteps(o):
			begun[o.ID] = true
			run(o, Forward(o, there.Server.Version)...)
		default:
			run(o, Create(o, there.Server.Version)...)
		}
	}
	builder.finish(source)
}

// builder runs statements in a database, an object's in one transaction.
type builder struct {
	t    *testing.T
	conn *pgx.Conn
}

func newBuilder(t *testing.T, url string) builder {
	t.Helper()
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "set check_function_bodies = off"); err != nil {
		t.Fatal(err)
	}
	return builder{t, conn}
}

func (b builder) run(o *catalog.Object, statements ...string) {
	b.t.Helper()
	err := pgx.BeginFunc(b.t.Context(), b.conn, func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(b.t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("%w\n%s", err, sql)
			}
		}
		return nil
	})
	if err != nil {
		b.t.Errorf("creating %s: %v", o.ID, err)
	}
}

// finish runs what needs what is made later.
func (b builder) finish(source *catalog.Catalog) {
	b.t.Helper()
	for i := range source.Objects {
		o := &source.Objects[i]
		for _, sql := range []string{OwnedBy(o), ReplicaIdentity(o)} {
			if sql != "" {
				b.run(o, sql)
			}
		}
		if view, ok := o.Spec.(*catalog.MaterializedView); ok && view.Populated {
			b.run(o, Refresh(o))
		}
	}
}

// inTwoSteps says that an object and what it needs may need each other: a type
// and its functions.
func inTwoSteps(o *catalog.Object) bool {
	switch spec := o.Spec.(type) {
	case *catalog.Base:
		return true
	case *catalog.Range:
		return spec.Canonical != ""
	}
	return false
}

// inOrder sorts objects by what they need, as far as that allows in the order
// tables, keys and indexes, checks, foreign keys, triggers, views. What is made
// in two steps is there twice.
func inOrder(c *catalog.Catalog) []*catalog.Object {
	byName := map[catalog.Name]*catalog.Object{} // relations and indexes: one name space
	for i := range c.Objects {
		o := &c.Objects[i]
		switch spec := o.Spec.(type) {
		case *catalog.Table, *catalog.ForeignTable, *catalog.View, *catalog.MaterializedView, *catalog.Index:
			byName[o.ID.Qualified()] = o
		case *catalog.Constraint:
			if spec.Index != "" {
				byName[catalog.Name{Schema: o.ID.Schema, Local: spec.Index}] = o
			}
		}
	}
	var sorted []*catalog.Object
	seen, named := map[catalog.ID]bool{}, map[catalog.ID]bool{}
	var visit func(o *catalog.Object)
	visit = func(o *catalog.Object) {
		if o == nil || seen[o.ID] {
			return
		}
		seen[o.ID] = true
		visit(c.Find(catalog.ID{Kind: catalog.KindSchema, Name: o.ID.Schema}))
		for _, name := range needs(o) {
			visit(byName[name])
		}
		for _, id := range o.Depends {
			if sequence, ok := o.Spec.(*catalog.Sequence); ok && sequence.OwnedBy != nil && id.Kind == catalog.KindTable {
				continue // the table's default needs the sequence; who owns it is said later
			}
			needed := c.Find(id)
			if needed != nil && inTwoSteps(needed) && slices.Contains(needed.Depends, o.ID) {
				// One of the type's own functions, for which its name is enough.
				if !named[id] {
					visit(c.Find(catalog.ID{Kind: catalog.KindSchema, Name: id.Schema}))
					sorted, named[id] = append(sorted, needed), true
				}
				continue
			}
			visit(needed)
		}
		sorted = append(sorted, o)
	}
	order := make([]*catalog.Object, len(c.Objects))
	for i := range c.Objects {
		order[i] = &c.Objects[i]
	}
	slices.SortStableFunc(order, func(a, b *catalog.Object) int { return cmp.Compare(rank(a), rank(b)) })
	for _, o := range order {
		visit(o)
	}
	return sorted
}

// needs names the relations and indexes that o must find.
func needs(o *catalog.Object) []catalog.Name {
	names := []catalog.Name{o.ID.Relation()}
	switch spec := o.Spec.(type) {
	case *catalog.Table:
		return append(spec.Inherits, spec.Of)
	case *catalog.ForeignTable:
		return append(spec.Inherits, spec.Of)
	case *catalog.Index:
		return []catalog.Name{spec.Table, spec.Of}
	case *catalog.Constraint:
		names = append(names, spec.Of)
	}
	return names
}

func rank(o *catalog.Object) int {
	switch spec := o.Spec.(type) {
	case *catalog.Table, *catalog.ForeignTable:
		return 1
	case *catalog.Index, *catalog.Statistics:
		return 2
	case *catalog.Constraint:
		switch spec.Type {
		case catalog.Check:
			return 3
		case catalog.ForeignKey:
			return 4
		}
		return 2
	case *catalog.Trigger:
		return 5
	case *catalog.View, *catalog.MaterializedView:
		return 6
	case *catalog.Rule, *catalog.Policy:
		return 7
	case *catalog.Publication, *catalog.EventTrigger:
		return 8
	case *catalog.DefaultACL, *catalog.SecurityLabel:
		return 9
	}
	return 0
}

func sameCatalog(t *testing.T, want, got *catalog.Catalog) {
	t.Helper()
	sameSet(t, "the catalog", ids(want), ids(got))
	for i := range want.Objects {
		w := &want.Objects[i]
		if g := got.Find(w.ID); g != nil && g.Fingerprint() != w.Fingerprint() {
			t.Errorf("%s differs:\n got %s\nwant %s", w.ID, show(g), show(w))
		}
	}
}

func show(o *catalog.Object) string {
	text, err := json.Marshal(struct {
		Comment string
		Spec    catalog.Spec
	}{o.Comment, o.Spec})
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// sameDump compares what pg_dump prints, entry by entry, where there is a
// sameDump compares what pg_dump prints, entry by entry, where there is a
// pg_dump that is not older than the server.
func sameDump(t *testing.T, a, b string) {
	t.Helper()
	sameSet(t, "pg_dump", sandbox.Dump(t, a, "--no-owner", "--no-acl"), sandbox.Dump(t, b, "--no-owner", "--no-acl"))
}

// system is what the server's own catalogs say of a database, a line an object.
func system(t *testing.T, url string) []string {
	t.Helper()
	sql, err := os.ReadFile("testdata/system.sql")
	if err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, url, "alter database "+catalog.Quote(connect(t, url).Config().Database)+" set search_path = ''")
	return sandbox.Query(t, url, string(sql))
}

func sameSet(t *testing.T, where string, want, got []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s lacks %s", where, w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s has in excess %s", where, g)
		}
	}
}
