package executor_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/examples/shop"
	"sluice/executor"
	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
	"sluice/state"
	"sluice/state/postgres"
)

const address = "migration.shop"

// TestMain is also the process that the tests kill: with childVariable set,
// this binary is a sluice that applies.
func TestMain(m *testing.M) {
	if os.Getenv(childSource) != "" {
		child()
	}
	os.Exit(sandbox.Main(m))
}

// move is a migration between two databases of the sandbox.
type move struct {
	source, target string // URLs, of superusers
	// Whom the run connects as; empty: the superusers.
	sourceRole, targetRole string
	spec                   planner.Spec
	chunkBytes             int64
	settings               [][2]string // under which rows have the same text on both sides
	there                  *move       // of whose cutover this one is the way back; nil: it is none
}

// back is the way back of a move that was cut over.
func (m *move) back() *move {
	back := *m
	back.source, back.target, back.sourceRole, back.targetRole, back.there = m.target, m.source, m.targetRole, m.sourceRole, m
	return &back
}

// address is that of the state, which is on the target.
func (m *move) address() string {
	if m.there != nil {
		return planner.BackAddress(address)
	}
	return address
}

// servers are the two sides as the run connects to them.
func (m *move) servers() (source, target session.Server) {
	as := func(role, url string) string {
		if role == "" {
			return url
		}
		return strings.Replace(url, "postgres@", role+"@", 1)
	}
	source, target = session.At("source.old", as(m.sourceRole, m.source)), session.At("target.new", as(m.targetRole, m.target))
	if m.there != nil {
		source.Ref, target.Ref = target.Ref, source.Ref
		target = target.With(planner.PassSetting, planner.BackSlot(m.spec.Slot))
	}
	return source, target
}

// long asks for what takes minutes: go test ./executor -long
var long = flag.Bool("long", false, "kill at every point in every way")

// spooled asks for the other way that changes may go: go test ./executor -spool
var spooled = flag.Bool("spool", false, "keep the changes in a spool, in all tests that follow some")

// newMove makes two fresh databases.
func newMove(t testing.TB, sourceMajor, targetMajor int) *move {
	t.Helper()
	m := &move{
		source: sandbox.Shared(t, sourceMajor, "source").Database(t),
		target: sandbox.Shared(t, targetMajor, "target").Database(t),
	}
	m.spec = spec(m.source)
	if *spooled {
		m.spool(t, 1<<30)
	}
	return m
}

// needsTheSlot skips a test that reads the slot or moves it by itself.
func needsTheSlot(t *testing.T) {
	if *spooled {
		t.Skip("the spool has the slot for itself")
	}
}

// spool declares one.
func (m *move) spool(t testing.TB, maxBytes int64) {
	m.spec.Spool, m.spec.Settings.SpoolBytes = t.TempDir(), maxBytes
}

// ownServer starts a server for one test: what is done to it concerns no other.
func ownServer(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func spec(source string) planner.Spec {
	config, _ := pgx.ParseConfig(source)
	return planner.Spec{
		Migration: address,
		Source:    planner.Declared{Ref: "source.old"},
		Target:    planner.Declared{Ref: "target.new"},
		Stages:    planner.Stages{Schema: true, Full: true, Incremental: true},
		Include:   []planner.Pattern{{Text: "*.*", Parts: []string{"*", "*"}}},
		Slot:      "sluice_" + config.Database,
	}
}

// loadShop fills the source with the sample.
func (m *move) loadShop(t testing.TB, scale int) {
	t.Helper()
	conn := connect(t, m.source)
	if err := shop.Load(t.Context(), conn, scale); err != nil {
		t.Fatal(err)
	}
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// catalogs reads both sides and the state, as cmd does.
func (m *move) catalogs(ctx context.Context) (source, target *catalog.Catalog, st state.State, err error) {
	from, into := m.servers()
	for _, side := range []struct {
		server session.Server
		to     **catalog.Catalog
	}{{from, &source}, {into, &target}} {
		var conn *pgx.Conn
		if conn, err = side.server.Connect(ctx, "plan"); err != nil {
			return
		}
		if *side.to, err = introspect.Read(ctx, conn); err == nil && side.to == &target {
			st, err = postgres.Load(ctx, conn, m.address())
		}
		if err == nil && side.to == &source {
			source.Expressions, err = introspect.Check(ctx, conn, m.spec.Expressions())
		}
		session.Close(ctx, conn)
		if err != nil {
			return
		}
	}
	return
}

func (m *move) plan(ctx context.Context) (*planner.Plan, error) {
	return m.planned(ctx, planner.Build, planner.Reverse)
}

// planned makes a plan of the way there, or of the way back.
func (m *move) planned(ctx context.Context,
	there func(spec planner.Spec, source, target *catalog.Catalog, done state.State) *planner.Plan,
	back func(spec planner.Spec, source, target *catalog.Catalog, done, back state.State) *planner.Plan,
) (*planner.Plan, error) {
	source, target, st, err := m.catalogs(ctx)
	if err != nil {
		return nil, err
	}
	var plan *planner.Plan
	if m.there == nil {
		plan = there(m.spec, source, target, st)
	} else {
		old, new, done, err := m.there.catalogs(ctx)
		if err != nil {
			return nil, err
		}
		plan = back(m.spec, old, new, done, st)
	}
	for _, f := range plan.Findings {
		if f.Blocks() {
			return plan, fmt.Errorf("%s %s: %s %s", f.Code, f.Object, f.Summary, f.Detail)
		}
	}
	return plan, nil
}

// run plans and applies, with what change sets.
func (m *move) run(ctx context.Context, change func(*executor.Run)) (executor.Outcome, error) {
	plan, err := m.plan(ctx)
	if err != nil {
		return "", err
	}
	return m.runPlan(ctx, plan, change)
}

// runPlan applies a plan, with what change sets.
func (m *move) runPlan(ctx context.Context, plan *planner.Plan, change func(*executor.Run)) (executor.Outcome, error) {
	source, target := m.servers()
	store, err := acquire(ctx, target, plan)
	if err != nil {
		return "", err
	}
	defer store.Release(context.WithoutCancel(ctx))
	r := &executor.Run{
		Plan: plan, Source: source, Target: target, Store: store,
		Progress: progress.New(time.Now), ChunkBytes: m.chunkBytes, Settings: state.Settings{Workers: 4, SpoolBytes: m.spec.Settings.SpoolBytes},
		Cutover: executor.CutoverLimits{MaxLag: 10 * time.Second, MaxWritePause: time.Minute},
	}
	if os.Getenv(childSource) != "" || testing.Verbose() {
		r.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if change != nil {
		change(r)
	}
	return r.Run(ctx)
}

// acquire waits until the lock is free: the session of a process that was
// killed ends a moment after it.
func acquire(ctx context.Context, target session.Server, plan *planner.Plan) (*postgres.Store, error) {
	for {
		store, err := postgres.Acquire(ctx, func(ctx context.Context) (*pgx.Conn, error) { return target.Connect(ctx, "state") },
			postgres.Options{
				Address: plan.Address(), Holder: strconv.Itoa(os.Getpid()), PlanID: plan.ID, Slot: plan.Slot,
				Source: state.Server{SystemIdentifier: plan.Source.SystemIdentifier, Database: plan.Source.Database},
				Target: state.Server{SystemIdentifier: plan.Target.SystemIdentifier, Database: plan.Target.Database},
			})
		held := new(postgres.HeldError)
		if !errors.As(err, &held) {
			return store, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// until waits until the state says so.
func (m *move) until(ctx context.Context, what func(state.State) bool) error {
	conn, err := session.At("target.new", m.target).Connect(ctx, "test")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := postgres.Load(ctx, conn, m.address())
		if err != nil || what(st) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; the state is %q: %s", context.Cause(ctx), st.Phase, st.Error)
		case <-tick.C:
		}
	}
}

func inPhase(p state.Phase) func(state.State) bool {
	return func(st state.State) bool { return st.Phase == p }
}

// ask asks the process that holds the migration, as the commands do, and
// returns its answer.
func (m *move) ask(ctx context.Context, t testing.TB, kind string, payload []byte) (string, error) {
	t.Helper()
	conn, err := session.At("target.new", m.target).Connect(ctx, "test")
	if err != nil {
		return "", err
	}
	defer session.Close(ctx, conn)
	id, err := postgres.Ask(ctx, conn, m.address(), kind, payload)
	if err != nil {
		return "", err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for seen := 0; ; {
		reply, err := postgres.Poll(ctx, conn, id, seen)
		if err != nil {
			return "", err
		}
		for _, line := range reply.Lines {
			t.Logf("%s: %s", kind, line)
		}
		seen += len(reply.Lines)
		switch {
		case reply.Done && reply.Failure != "":
			return "", errors.New(reply.Failure)
		case reply.Done:
			return reply.Result, nil
		}
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// cutOver plans a cutover and asks for it, once the migration follows.
func (m *move) cutOver(ctx context.Context, t testing.TB) error {
	t.Helper()
	_, err := m.pausesFor(ctx, t)
	return err
}

// pausesFor is cutOver, and says for how long the application could not write.
func (m *move) pausesFor(ctx context.Context, t testing.TB) (time.Duration, error) {
	t.Helper()
	payload, err := m.cutoverPlan(ctx)
	if err != nil {
		return 0, err
	}
	result, err := m.ask(ctx, t, executor.RequestCutover, payload)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(strings.Trim(result, `"`))
}

// cutoverPlan plans a cutover, once the migration follows.
func (m *move) cutoverPlan(ctx context.Context) (payload []byte, err error) {
	if err := m.until(ctx, inPhase(state.Following)); err != nil {
		return nil, err
	}
	plan, err := m.planned(ctx, planner.Cutover, planner.Rollback)
	if err != nil {
		return nil, err
	}
	return plan.JSON()
}

// equal checks that both databases hold the same rows.
func (m *move) equal(t testing.TB) {
	t.Helper()
	if diff := cmp.Diff(sandbox.Sums(t, m.source, m.settings...), sandbox.Sums(t, m.target, m.settings...)); diff != "" {
		t.Errorf("the databases differ (-source +target):\n%s", diff)
	}
}

// nothingLeft checks that a second plan has nothing to do, and that both catalogs agree.
func (m *move) nothingLeft(t testing.TB) {
	t.Helper()
	source, target, st, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range planner.Compare(m.spec, source, target, st) {
		t.Errorf("%s is %s: %s", d.Object, d.What, d.Detail)
	}
	plan, err := m.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Steps {
		if !s.Done && s.Action != planner.Follow {
			t.Errorf("still to do: %s", s.ID)
		}
	}
}

// Variables of the process that is killed.
const (
	childSource  = "SLUICE_TEST_SOURCE"
	childTarget  = "SLUICE_TEST_TARGET"
	childPoint   = "SLUICE_TEST_POINT" // where to die: name:count
	childUntil   = "SLUICE_TEST_UNTIL"
	childAgain   = "SLUICE_TEST_AGAIN"   // the name of a table in public to load again
	childLeaves  = "SLUICE_TEST_LEAVES"  // a pattern to exclude
	childRules   = "SLUICE_TEST_RULES"   // not empty: those of transformRules
	childRenamed = "SLUICE_TEST_RENAMED" // the name of public.late on the target
	childSpool   = "SLUICE_TEST_SPOOL"   // the directory of the spool
	childRole    = "SLUICE_TEST_ROLE"    // whom the run connects to the target as
	childMeets   = "SLUICE_TEST_MEETS"   // conflicts, and the rules of mappedRules
	// childDiverges is a planner.OnDivergence.
	childDiverges = "SLUICE_TEST_DIVERGES"
	// childReverse, not empty, declares a way back; "back": this is it.
	childReverse = "SLUICE_TEST_REVERSE"
)

// child applies until it is done or killed, and never returns.
func child() {
	m := &move{source: os.Getenv(childSource), target: os.Getenv(childTarget), chunkBytes: smallChunk}
	m.spec = spec(m.source)
	m.spec.LargeTable, m.targetRole = smallTable, os.Getenv(childRole)
	m.spec.Spool, m.spec.Settings.SpoolBytes = os.Getenv(childSpool), 1<<30
	m.spec.OnDivergence = planner.OnDivergence(os.Getenv(childDiverges))
	if table := os.Getenv(childAgain); table != "" {
		m.spec.Replace = []catalog.Name{{Schema: "public", Local: table}}
	}
	if text := os.Getenv(childLeaves); text != "" {
		m.spec.Exclude = []planner.Pattern{pattern(text)}
	}
	if to := os.Getenv(childRenamed); to != "" && to != "late" {
		m.spec.Tables = []planner.TableRule{tableTo("late", "public."+to)}
	}
	if os.Getenv(childRules) != "" {
		m.transforms()
	}
	if reverse := os.Getenv(childReverse); reverse != "" {
		m.spec.Reverse = true
		if reverse == "back" {
			m = m.back()
		}
	}
	if conflicts := strings.Split(os.Getenv(childMeets), ","); len(conflicts) == 3 {
		m.mapped(planner.Conflicts{OnExisting: planner.OnExisting(conflicts[0]), RowFull: planner.RowRule(conflicts[1]), RowIncremental: planner.RowRule(conflicts[2])})
	}
	name, after, _ := strings.Cut(os.Getenv(childPoint), "#")
	var left atomic.Int64
	n, _ := strconv.Atoi(after)
	left.Store(int64(n))
	outcome, err := m.run(context.Background(), func(r *executor.Run) {
		r.Until = executor.Until(os.Getenv(childUntil))
		r.Point = func(reached string) {
			if reached == name && left.Add(-1) < 0 {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "child:", outcome)
	os.Exit(0)
}

// Sizes at which the sample has tables of one chunk, of several ranges of ctid,
// and of several ranges of keys.
const (
	smallChunk = 256 << 10
	smallTable = 2 << 20
)

// start runs a child.
func (m *move) start(t testing.TB, point string, until executor.Until, variables ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childSource+"="+m.source, childTarget+"="+m.target, childPoint+"="+point, childUntil+"="+string(until), childSpool+"="+m.spec.Spool, childRole+"="+m.targetRole)
	cmd.Env = append(cmd.Env, variables...)
	cmd.Stderr = testLog{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}
