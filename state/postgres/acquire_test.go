package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/state"
)

func TestAcquireRecordsWhoAndWhat(t *testing.T) {
	t.Parallel()
	url := database(t)
	o := Options{
		Address: crm, Holder: "host/7", PlanID: "sha256:1", Slot: "sluice_crm", Heartbeat: beat,
		Source: state.Server{SystemIdentifier: "71", Database: "crm"},
		Target: state.Server{SystemIdentifier: "72", Database: "crm_prod"},
	}
	s, err := Acquire(t.Context(), connector(url), o)
	if err != nil {
		t.Fatal(err)
	}
	first := loaded(t, url, crm)
	if !first.Exists() || first.Address != crm || first.Epoch != s.Epoch() || first.Phase != state.Planned ||
		first.PlanID != o.PlanID || first.Slot != o.Slot || first.Source != o.Source || first.Target != o.Target {
		t.Errorf("the state is %+v", first)
	}
	if l := first.Lease; l.Holder != "host/7" || !l.Live || l.Heartbeat.IsZero() {
		t.Errorf("the lease is %+v", l)
	}
	until(t, url, "select heartbeat > $1 from sluice.lease", first.Lease.Heartbeat)
	if err := s.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state.Lease{}, loaded(t, url, crm).Lease); diff != "" {
		t.Errorf("after Release there is a lease (-want +got)\n%s", diff)
	}

	// What the next one does not know stays.
	if s = hold(t, url, crm); s.Epoch() != first.Epoch+1 {
		t.Errorf("the second epoch is %d, after %d", s.Epoch(), first.Epoch)
	}
	second := loaded(t, url, crm)
	if second.Lineage != first.Lineage || second.PlanID != o.PlanID || second.Source != o.Source || second.Target != o.Target {
		t.Errorf("the state became %+v", second)
	}
}

func TestAcquireRefusesASecondHolder(t *testing.T) {
	t.Parallel()
	url := database(t)
	hold(t, url, crm)
	_, err := Acquire(t.Context(), connector(url), Options{Address: crm, Holder: "test/2"})
	var held *HeldError
	if !errors.As(err, &held) {
		t.Fatalf("a second holder got %v", err)
	}
	if held.Lease.Holder != "test/1" || !held.Lease.Live || held.Lease.Heartbeat.IsZero() {
		t.Errorf("HeldError has lease %+v", held.Lease)
	}
	if !strings.Contains(err.Error(), "is held by test/1, last heard of at 20") {
		t.Errorf("it reads %q", err)
	}
	hold(t, url, "migration.other")
}

func TestAcquireRefusesAHolderWhoHasNoLeaseYet(t *testing.T) {
	t.Parallel()
	url := database(t)
	if _, err := dial(t, url).Exec(t.Context(), "select pg_advisory_lock($1)", lockKey(crm)); err != nil {
		t.Fatal(err)
	}
	_, err := Acquire(t.Context(), connector(url), Options{Address: crm})
	var held *HeldError
	if !errors.As(err, &held) || !strings.Contains(err.Error(), "is held by another process") {
		t.Errorf("Acquire got %v", err)
	}
}

func TestAcquireOnAFreshDatabaseIsConcurrent(t *testing.T) {
	t.Parallel()
	url := database(t)
	var g errgroup.Group
	for i := range 8 {
		g.Go(func() error {
			s, err := Acquire(t.Context(), connector(url), Options{Address: fmt.Sprintf("migration.m%d", i)})
			if err != nil {
				return err
			}
			return s.Release(t.Context())
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	states, err := List(t.Context(), dial(t, url))
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range states {
		if want := fmt.Sprintf("migration.m%d", i); st.Address != want {
			t.Errorf("number %d is %s", i, st.Address)
		}
	}
	if len(states) != 8 {
		t.Errorf("%d migrations are listed", len(states))
	}
}

func TestAcquireGivesOneOfManyTheLock(t *testing.T) {
	t.Parallel()
	url := database(t)
	stores := make(chan *Store, 8)
	var g errgroup.Group
	for range cap(stores) {
		g.Go(func() error {
			s, err := Acquire(t.Context(), connector(url), Options{Address: crm})
			var held *HeldError
			if errors.As(err, &held) {
				return nil
			}
			stores <- s
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	close(stores)
	winners := 0
	for s := range stores {
		winners++
		if err := s.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d processes hold the lock", winners)
	}
}

func TestAcquireRefusesTheStateOfAnotherServer(t *testing.T) {
	t.Parallel()
	url := database(t)
	known := Options{
		Address: crm,
		Source:  state.Server{SystemIdentifier: "71", Database: "crm"},
		Target:  state.Server{SystemIdentifier: "72", Database: "crm"},
	}
	acquire := func(change func(*Options)) error {
		o := known
		change(&o)
		s, err := Acquire(t.Context(), connector(url), o)
		if err != nil {
			return err
		}
		return s.Release(t.Context())
	}
	if err := acquire(func(*Options) {}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Options)
		side   string // "" where there is no difference
	}{
		"another source system":   {func(o *Options) { o.Source.SystemIdentifier = "99" }, "source"},
		"another source database": {func(o *Options) { o.Source.Database = "x" }, "source"},
		"another target system":   {func(o *Options) { o.Target.SystemIdentifier = "99" }, "target"},
		"another target database": {func(o *Options) { o.Target.Database = "x" }, "target"},
		"nothing known":           {func(o *Options) { *o = Options{Address: crm} }, ""},
		"no system identifier":    {func(o *Options) { o.Target.SystemIdentifier = "" }, ""},
	} {
		err := acquire(c.change)
		var foreign *ForeignError
		if c.side == "" && err != nil || c.side != "" && (!errors.As(err, &foreign) || foreign.Side != c.side) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := loaded(t, url, crm).Source; got != known.Source {
		t.Errorf("the source became %+v", got)
	}
}

// oneOfEach is a record for each of the ways to be fenced.
var oneOfEach = map[string]func(*Store) state.Record{
	"step":     func(s *Store) state.Record { return s.StepDone("one", "") },
	"chunk":    func(s *Store) state.Record { return s.ChunksDone(state.Chunk{Schema: "a", Table: "b"}) },
	"position": func(s *Store) state.Record { return s.Position(state.Position{LSN: 42}) },
}

func TestTakeoverWaitsForAnOpenRecordAndSeesIt(t *testing.T) {
	t.Parallel()
	for name, record := range oneOfEach {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			way := &line{url: url}
			old := holdOver(t, way.connect, crm)
			late := record(old)
			tx, err := dial(t, url).Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n := execute(t, tx.Conn(), record(old)); n != 1 {
				t.Fatalf("the record hit %d rows", n)
			}
			way.orphan(t, old)
			next := make(chan *Store, 1)
			go func() {
				s, err := Acquire(t.Context(), connector(url), Options{Address: crm})
				if err != nil {
					t.Error(err)
				}
				next <- s
			}()
			until(t, url, blocked, 1)
			if len(next) != 0 {
				t.Error("Acquire did not wait")
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			s := await(t, next, "takeover")
			if s == nil {
				t.FailNow()
			}
			defer s.Release(context.Background())
			if n := execute(t, dial(t, url), late); n != 0 {
				t.Errorf("a late record hit %d rows", n)
			}
			st, err := s.State(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(st.Steps)+len(st.Chunks)+int(st.Position.LSN/42) != 1 {
				t.Errorf("the new holder does not see the record: %+v", st)
			}
		})
	}
}

func TestARecordThatWaitsForATakeoverHitsNothing(t *testing.T) {
	t.Parallel()
	for name, record := range oneOfEach {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			late := record(hold(t, url, crm))
			takeover, err := dial(t, url).Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raise(t.Context(), takeover, Options{Address: crm}, 0); err != nil {
				t.Fatal(err)
			}
			conn, hits := dial(t, url), make(chan int64, 1)
			go func() {
				tag, err := conn.Exec(t.Context(), late.SQL, late.Args...)
				if err != nil {
					t.Error(err)
				}
				hits <- tag.RowsAffected()
			}()
			until(t, url, blocked, 1)
			if err := takeover.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := await(t, hits, "record"); n != 0 {
				t.Errorf("it hit %d rows", n)
			}
			if st := loaded(t, url, crm); len(st.Steps)+len(st.Chunks) != 0 || st.Position.LSN != 0 {
				t.Errorf("it wrote %+v", st)
			}
		})
	}
}

func TestTakeoverOutlivesADeadlock(t *testing.T) {
	t.Parallel()
	url := database(t)
	way := &line{url: url}
	old := holdOver(t, way.connect, crm)
	position, chunk := old.Position(state.Position{LSN: 42}), old.ChunksDone(state.Chunk{Schema: "a", Table: "b"})
	tx, err := dial(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx.Conn(), position)
	way.orphan(t, old)
	var g errgroup.Group
	g.Go(func() error {
		s, err := Acquire(t.Context(), connector(url), Options{Address: crm})
		if err != nil {
			return err
		}
		return s.Release(t.Context())
	})
	until(t, url, blocked, 1)
	// The server ends one of the two; either is right.
	end := tx.Commit
	if _, err := tx.Exec(t.Context(), chunk.SQL, chunk.Args...); err != nil {
		if !hasCode(err, "40P01") {
			t.Error(err)
		}
		end = tx.Rollback
	}
	if err := errors.Join(end(t.Context()), g.Wait()); err != nil {
		t.Error(err)
	}
}

func TestTakeoverNamesWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	url := database(t)
	old := hold(t, url, crm)
	tx, err := dial(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx.Conn(), old.StepDone("one", ""))
	_, err = takeOver(t.Context(), dial(t, url), Options{Address: crm}, beat)
	if want := fmt.Sprintf("(among pids [%d];", tx.Conn().PgConn().PID()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("it says %v, not %s", err, want)
	}
}

func TestAcquireTakesHostileAddresses(t *testing.T) {
	t.Parallel()
	url := database(t)
	for _, address := range []string{
		`migration.shop["it's"]`, `"; drop schema sluice cascade; --`, "a\nb\\c", "$1", "移行.店[\"é\u0301\U0001F600\"]",
		strings.Repeat("x", addressLimit), " ",
	} {
		s := hold(t, url, address)
		if err := s.Write(t.Context(), s.StepDone("one", "")); err != nil {
			t.Errorf("%q: %v", address, err)
		}
		if st := loaded(t, url, address); st.Address != address || !st.Done("one") || !st.Lease.Live {
			t.Errorf("%q gives %+v", address, st)
		}
	}
	for _, address := range []string{"", "a\x00b", "a\xffb", strings.Repeat("x", addressLimit+1)} {
		if _, err := Acquire(t.Context(), connector(url), Options{Address: address}); err == nil {
			t.Errorf("%.20q is taken", address)
		}
	}
}

func TestAcquireUsesASchemaThatWasMadeForIt(t *testing.T) {
	t.Parallel()
	url := database(t)
	name := sandbox.Query(t, url, "select current_database()")[0]
	role := pgx.Identifier{name + "_role"}.Sanitize()
	sandbox.Exec(t, url, "create role "+role+" login; create schema sluice authorization "+role)
	t.Cleanup(func() { sandbox.Exec(t, url, "drop owned by "+role+"; drop role "+role) })
	s := hold(t, strings.Replace(url, "postgres@", name+"_role@", 1), crm)
	if err := s.Note(t.Context(), "here"); err != nil {
		t.Error(err)
	}
}

func TestAnotherFormatIsRefused(t *testing.T) {
	t.Parallel()
	url := database(t)
	if err := hold(t, url, crm).Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, url, "update sluice.format set version = 8")
	conn := dial(t, url)
	_, load := Load(t.Context(), conn, crm)
	_, list := List(t.Context(), conn)
	_, ask := Ask(t.Context(), conn, crm, "cutover", nil)
	_, acquire := Acquire(t.Context(), connector(url), Options{Address: crm})
	for name, err := range map[string]error{"Load": load, "List": list, "Ask": ask, "Acquire": acquire} {
		if err == nil || !strings.Contains(err.Error(), "has format 8, this sluice knows format 7") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
