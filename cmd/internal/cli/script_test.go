package cli

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sluice/examples/sandbox"
)

// The scripts of testdata/script run the real command. Beside testscript's own
// words they have:
//
//	code N args…      runs sluice, which must end with that exit code
//	sql SIDE text     runs SQL on source or target
//	query SIDE text   runs one statement; its rows are the standard output
//	                  (both take @file in place of the text)
//	remember          notes what both databases hold, sluice's own schema included
//	unchanged         fails where that is no longer so
//	await TEXT [FILE] waits until sluice status prints this, or the file has it
//
// Scripts of folder server have a database of their own on each of two servers;
// their URLs are in $SOURCE and $TARGET, and in the variables source and target.
// $HOOK is an address with a canary in it, where nothing is to be found (404).

func TestMain(m *testing.M) {
	testscript.Main(testServers{m}, map[string]func(){
		"sluice": func() { os.Exit(Main(os.Args[1:])) },
		"code":   func() { os.Exit(code(os.Args[1], os.Args[2:])) },
	})
}

// testServers stops the shared servers after the tests.
type testServers struct{ m *testing.M }

func (s testServers) Run() int { return sandbox.Main(s.m) }

// code runs sluice and compares its exit code.
func code(want string, args []string) int {
	got := Main(args)
	if strconv.Itoa(got) == want {
		return 0
	}
	fmt.Fprintf(os.Stderr, "the exit code is %d, want %s\n", got, want)
	return 1
}

func TestOffline(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script/offline", Setup: endsAtOnce})
}

// endsAtOnce keeps the race detector, where it is on, from making each process of a
// script rest for a second at its end (atexit_sleep_ms).
// https://go.dev/doc/articles/race_detector#Options
func endsAtOnce(env *testscript.Env) error {
	env.Setenv("GORACE", "atexit_sleep_ms=0")
	return nil
}

func TestWithServers(t *testing.T) {
	files, err := filepath.Glob("testdata/script/server/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			p := pairOf(t, strings.Contains(file, "wal_level"))
			testscript.Run(t, testscript.Params{Files: []string{file}, Setup: p.setup, Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"sql": p.sql, "query": p.query, "remember": p.remember, "unchanged": p.unchanged, "await": await,
			}})
		})
	}
}

// pair is the two databases of a script.
type pair struct {
	t              *testing.T
	source, target string // URLs
	slot           string
	remembered     string
}

// guarding keeps the scripts, which run side by side, from guarding one server
// at the same time.
var guarding sync.Mutex

func pairOf(t *testing.T, replica bool) *pair {
	t.Helper()
	source := sandbox.Shared(t, 0, "source")
	if replica {
		source = withoutLogical(t)
	}
	guarding.Lock()
	defer guarding.Unlock()
	guard(t, source)
	return &pair{
		t: t, source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t),
		slot: "sluice_" + filepath.Base(t.Name()),
	}
}

// withoutLogical is a server as it comes: logical decoding is off.
func withoutLogical(t *testing.T) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{Settings: map[string]string{"wal_level": "replica"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// missing is the URL of a database that is not there.
func missing(url string) string { return strings.Replace(url, "?", "_missing?", 1) }

// guard lets a role in only with its password.
func guard(t *testing.T, s *sandbox.Server) {
	t.Helper()
	admin := s.URL("postgres")
	// The server writes the file itself: it must belong to its account.
	sandbox.Exec(t, admin, `copy (values ('host all guarded 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust'),
		('host replication all 127.0.0.1/32 trust')) to program 'cat > pg_hba.conf'`)
	sandbox.Exec(t, admin, `do $$ begin
		if to_regrole('guarded') is null then create role guarded login superuser password 'canary-right'; end if;
	end $$`)
	sandbox.Exec(t, admin, "select pg_reload_conf()")
}

func (p *pair) setup(e *testscript.Env) error {
	if err := endsAtOnce(e); err != nil {
		return err
	}
	e.Setenv("SOURCE", p.source)
	e.Setenv("TARGET", p.target)
	e.Setenv("SOURCE_MISSING", missing(p.source))
	e.Setenv("TARGET_MISSING", missing(p.target))
	e.Setenv("SOURCE_GUARDED", strings.Replace(p.source, "postgres@", "guarded:canary-7f3a@", 1))
	e.Setenv("SLUICE_VAR_source", p.source)
	e.Setenv("SLUICE_VAR_target", p.target)
	at, err := url.Parse(p.source)
	if err != nil {
		return err
	}
	e.Setenv("SLUICE_VAR_source_port", at.Port())
	e.Setenv("SLUICE_VAR_source_database", strings.TrimPrefix(at.Path, "/"))
	hook := httptest.NewServer(http.NotFoundHandler())
	p.t.Cleanup(hook.Close)
	e.Setenv("HOOK", hook.URL+"/canary-7f3a")
	// Slots belong to the server, which scripts share.
	e.Setenv("SLUICE_VAR_slot", p.slot)
	return nil
}

func (p *pair) url(ts *testscript.TestScript, args []string) (at, text string) {
	if len(args) != 2 {
		ts.Fatalf("usage: source|target 'SQL'")
	}
	text = args[1]
	if file, ok := strings.CutPrefix(text, "@"); ok {
		text = ts.ReadFile(file)
	}
	switch args[0] {
	case "source":
		return p.source, text
	case "target":
		return p.target, text
	}
	ts.Fatalf("%q is neither source nor target", args[0])
	return "", ""
}

func (p *pair) sql(ts *testscript.TestScript, _ bool, args []string) {
	at, text := p.url(ts, args)
	sandbox.Exec(failing{p.t, ts}, at, text)
}

func (p *pair) query(ts *testscript.TestScript, _ bool, args []string) {
	at, text := p.url(ts, args)
	for _, line := range sandbox.Query(failing{p.t, ts}, at, text) {
		fmt.Fprintln(ts.Stdout(), line)
	}
}

// failing fails the script, which runs below the test that owns the databases.
type failing struct {
	testing.TB
	script *testscript.TestScript
}

func (f failing) Fatalf(format string, args ...any) { f.script.Fatalf(format, args...) }

// inventory is everything that a command could leave on a server.
const inventory = `
	select format('relation %s %s %s %s', c.oid::regclass, c.relkind, c.relreplident, c.relfilenode)
	from pg_class c join pg_namespace n on n.oid = c.relnamespace
	where n.nspname not like 'pg_%' and n.nspname <> 'information_schema'
	union all select 'schema ' || nspname from pg_namespace where nspname not like 'pg_temp%' and nspname not like 'pg_toast_temp%'
	union all select 'function ' || p.oid::regprocedure from pg_proc p where p.oid >= 16384
	union all select 'type ' || t.oid::regtype from pg_type t where t.oid >= 16384
	union all select 'publication ' || pubname from pg_publication
	union all select 'slot ' || slot_name from pg_replication_slots where database = current_database()
	union all select 'trigger ' || tgname from pg_trigger
	union all select 'constraint ' || conname from pg_constraint where oid >= 16384
	union all select 'origin ' || roname from pg_replication_origin
	order by 1`

func (p *pair) inventory(t testing.TB) string {
	var b strings.Builder
	for _, url := range []string{p.source, p.target} {
		for _, line := range sandbox.Query(t, url, inventory) {
			fmt.Fprintln(&b, line)
		}
		sums := sandbox.Sums(t, url)
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			fmt.Fprintln(&b, name, sums[name])
		}
	}
	return b.String()
}

func (p *pair) remember(ts *testscript.TestScript, _ bool, _ []string) {
	p.remembered = p.inventory(failing{p.t, ts})
}

func (p *pair) unchanged(ts *testscript.TestScript, _ bool, _ []string) {
	if now := p.inventory(failing{p.t, ts}); now != p.remembered {
		ts.Fatalf("something was written. Before:\n%s\nNow:\n%s", p.remembered, now)
	}
}

const (
	awaitLimit = time.Minute
	awaitEvery = 200 * time.Millisecond
)

// await looks at sluice status, or at a file, until it has a text.
func await(ts *testscript.TestScript, _ bool, args []string) {
	look, what := func() string {
		if ts.Exec("sluice", "status") != nil {
			return ""
		}
		return ts.ReadFile("stdout")
	}, "sluice status"
	if len(args) > 1 {
		look, what = func() string {
			text, _ := os.ReadFile(ts.MkAbs(args[1])) // not there yet
			return string(text)
		}, args[1]
	}
	for end := time.Now().Add(awaitLimit); time.Now().Before(end); <-time.After(awaitEvery) {
		if strings.Contains(look(), args[0]) {
			return
		}
	}
	ts.Fatalf("%s does not say %q", what, args[0])
}
