package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/state"
)

// The ways in which a record may be sent: they must mean the same.
var ways = map[string]func(context.Context, *pgx.Conn, state.Record) (int64, error){
	"as text parameters": func(ctx context.Context, conn *pgx.Conn, r state.Record) (int64, error) {
		values := make([][]byte, len(r.Args))
		for i, arg := range r.Args {
			if arg != nil {
				values[i] = []byte(arg.(string))
			}
		}
		tag, err := conn.PgConn().ExecParams(ctx, r.SQL, values, nil, nil, nil).Close()
		return tag.RowsAffected(), err
	},
	"prepared":        mode(pgx.QueryExecModeCacheStatement),
	"exec":            mode(pgx.QueryExecModeExec),
	"simple protocol": mode(pgx.QueryExecModeSimpleProtocol),
}

func mode(m pgx.QueryExecMode) func(context.Context, *pgx.Conn, state.Record) (int64, error) {
	return func(ctx context.Context, conn *pgx.Conn, r state.Record) (int64, error) {
		tag, err := conn.Exec(ctx, r.SQL, append([]any{m}, r.Args...)...)
		return tag.RowsAffected(), err
	}
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	low, high, empty := "1", `it's "\`, ""
	at := time.Date(2026, 2, 3, 4, 5, 6, 789000, time.UTC)
	want := state.State{
		Timeline: 7,
		Steps: map[string]state.Step{
			"create table public.orders": {State: state.StepDone, Fingerprint: "f2"},
			"create slot":                {State: state.StepIntent, Fingerprint: ""},
			// An index entry has no room for this one.
			"create function public.f(" + long(9000) + ")": {State: state.StepDone, Fingerprint: "f"},
		},
		Chunks: []state.Chunk{
			{Schema: "a\nb", Table: `o"r'd$1`, Number: 0, High: &low, ByKey: true, Key: `i"d`, Snapshot: "10:20:15"},
			{Schema: "a\nb", Table: `o"r'd$1`, Number: 1, Low: &low, High: &high, ByKey: true, Key: `i"d`, Rows: 1 << 40, Bytes: 1 << 50},
			{Schema: "a\nb", Table: `o"r'd$1`, Number: 2, Low: &empty},
			{Schema: "public", Table: strings.Repeat("é", 31), Number: 0},
		},
		Followed: []state.Followed{
			{Schema: "a\nb", Table: `o"r'd$1`, FromSchema: "public", FromTable: "orders", Digest: "d2"},
			{Schema: "public", Table: "users", Left: true},
		},
		Quarantined: []state.Quarantined{
			{Schema: "a\nb", Table: `o"r'd$1`, FromSchema: "public", FromTable: "orders", LSN: 0xFFFFFFFF_00000003,
				Operation: "insert", Key: `id="\`, Reason: "no\nroom", Passed: 1 << 40},
			{Schema: "public", Table: "further", FromSchema: "public", FromTable: "further", LSN: 0xFFFFFFFF_00000004, Paused: true, Reason: "another"},
			{Schema: "public", Table: "orders", FromSchema: "public", FromTable: "orders", Operation: "truncate"},
			{Schema: "public", Table: "then", FromSchema: "public", FromTable: "then", LSN: 9, Operation: "insert", Key: "id=1", Reason: "another"},
		},
		Position: state.Position{
			LSN: 0xFFFFFFFF_00000001, CommitTime: at, Inserts: 1, Updates: 2, Deletes: 3, Truncates: 4, SourceLSN: 0xFFFFFFFF_00000002,
		},
		Spool: state.Spool{Directory: "/var/lib/ö", Bytes: 1 << 40, MaxBytes: 1 << 41, From: 0xFFFFFFFF_00000001, To: 0xFFFFFFFF_00000002, Full: "no space"},
		Certificates: []state.Certificate{
			{Schema: "a", Table: "b", Rows: 5, Hash: "h", LSN: 7, At: at, Equal: true},
			{Schema: "a", Table: "c", Detail: "2 rows differ"},
		},
	}
	for _, major := range sandbox.Majors() {
		for name, send := range ways {
			t.Run(fmt.Sprintf("PostgreSQL %d, %s", major, name), func(t *testing.T) {
				t.Parallel()
				url := sandbox.Shared(t, major, "target").Database(t)
				s := hold(t, url, crm)
				conn := dial(t, url)
				put := func(r state.Record) {
					t.Helper()
					if n, err := send(t.Context(), conn, r); err != nil || n != 1 {
						t.Errorf("the record hit %d rows: %v", n, err)
					}
				}
				put(s.StepDone("create table public.orders", "f1"))
				put(s.Timeline(want.Timeline))
				put(s.SourceEnd(want.Position.SourceLSN))
				put(s.Certificate(state.Certificate{Schema: "a", Table: "b", Detail: "was different"}))
				for id, step := range want.Steps {
					put(s.steps(step.State, []state.Done{{Step: id, Fingerprint: step.Fingerprint}}))
				}
				put(s.ChunksDone(want.Chunks...))
				put(s.StepDone("create slot sluice_sync", "0/1"))
				put(s.TakeBack("create slot sluice_sync"))
				put(s.Followed(state.Followed{Schema: "a\nb", Table: `o"r'd$1`, Digest: "d1", Left: true}))
				for _, f := range want.Followed {
					put(s.Followed(f))
				}
				for _, c := range want.Certificates {
					put(s.Certificate(c))
				}
				for _, table := range []string{"further", "then", "on"} { // of which the first stays paused
					put(s.Quarantine(state.Quarantined{Schema: "public", Table: table, FromSchema: "public", FromTable: table, LSN: 1, Paused: true, Reason: "one"}))
				}
				put(s.Resumed("public", "on"))
				put(s.Resumed("public", "on"))                           // an answer was lost
				for _, q := range append(slices.Clone(want.Quarantined), // of the last two none is left
					state.Quarantined{Schema: "public", Table: "users"}, state.Quarantined{Schema: "public", Table: "again"}) {
					put(s.Certificate(state.Certificate{Schema: q.Schema, Table: q.Table, Equal: true}))
					if q.Paused {
						q.LSN--
					}
					put(s.Quarantine(q))
					q.Reason = "another"
					put(s.Quarantine(q)) // an answer was lost
				}
				put(s.Paused("public", "further", 0xFFFFFFFF_00000004))
				put(s.Followed(want.Followed[1]))
				put(s.TableRestart("public", "again"))
				put(s.Followed(want.Followed[0])) // which says nothing of it
				passed := want.Position
				passed.Passed = &[]state.Passed{{Schema: "a\nb", Table: `o"r'd$1`, Changes: 1 << 40}, {Schema: "public", Table: "gone", Changes: 5}}
				put(s.Position(passed))
				put(s.Position(want.Position))
				put(s.Spool(state.Spool{Directory: "/another"}))
				put(s.Spool(want.Spool))
				builds := []state.Build{{Step: `create index a."b"`, Schema: "a", Table: "o\"r", Phase: "sorting", Unit: "rows", Done: 1, Total: 1 << 40, Since: at}}
				put(s.Building([]state.Build{{Step: "another"}}))
				put(s.Building(builds))

				got := loaded(t, url, crm)
				compare := cmp.Options{
					cmpopts.IgnoreFields(state.State{}, "Address", "Lineage", "Epoch", "Phase", "Lease"),
					cmpopts.IgnoreFields(state.Step{}, "At"), cmpopts.IgnoreFields(state.Quarantined{}, "Since"),
					cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Certificates.At" },
						cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) || a.IsZero() || b.IsZero() })),
				}
				if diff := cmp.Diff(want, got, compare); diff != "" {
					t.Errorf("recorded and loaded differ:\n%s", diff)
				}
				if diff := cmp.Diff(builds, got.Lease.Builds); diff != "" {
					t.Errorf("what is built comes back otherwise:\n%s", diff)
				}
				for id, step := range got.Steps {
					if step.At.IsZero() {
						t.Errorf("step %.40s has no time", id)
					}
					if one, err := s.Step(t.Context(), id); err != nil || one != step {
						t.Errorf("step %.40s alone is %+v, not %+v: %v", id, one, step, err)
					}
				}
				if none, err := s.Step(t.Context(), "create slot sluice_sync"); err != nil || none != (state.Step{}) {
					t.Errorf("a step that was taken back is %+v: %v", none, err)
				}
				put(s.Position(state.Position{}))
				if got := loaded(t, url, crm).Position; got != (state.Position{SourceLSN: want.Position.SourceLSN}) {
					t.Errorf("the zero position is %+v", got)
				}
			})
		}
	}
}

// long is text that does not compress.
func long(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%x,", lockKey(fmt.Sprint(i)))
	}
	return b.String()
}

func TestADoubledChunkTakesItsRowsWithIt(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	sandbox.Exec(t, url, "create table public.orders (id int)")
	conn := dial(t, url)
	copyChunk := func(n int) error {
		return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			// As a worker that applies changes would be: no trigger, no foreign key.
			if _, err := tx.Exec(t.Context(), "set local session_replication_role = replica"); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), "insert into public.orders values (1)"); err != nil {
				return err
			}
			r := s.ChunksDone(state.Chunk{Schema: "public", Table: "orders", Number: n, Rows: 1})
			_, err := tx.Exec(t.Context(), r.SQL, r.Args...)
			return err
		})
	}
	if err := copyChunk(3); err != nil {
		t.Fatal(err)
	}
	if err := copyChunk(3); !hasCode(err, "23505") {
		t.Errorf("the second time: %v", err)
	}
	if got := sandbox.Query(t, url, "select count(*) from public.orders")[0]; got != "1" {
		t.Errorf("the table has %s rows", got)
	}
	if got := len(loaded(t, url, crm).Chunks); got != 1 {
		t.Errorf("%d chunks are recorded", got)
	}
}

func TestTableRestartForgetsOneTable(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	other := hold(t, url, "migration.other")
	step := `copy table public."a.b"`
	for _, s := range []*Store{s, other} {
		for _, r := range []state.Record{
			s.ChunksDone(state.Chunk{Schema: "public", Table: "a.b", Number: 0}),
			s.ChunksDone(state.Chunk{Schema: "public", Table: "a.b", Number: 1}),
			s.ChunksDone(state.Chunk{Schema: "public.a", Table: "b", Number: 0}),
			s.StepDone(step, ""), s.StepDone("copy table public.a", ""),
			s.Certificate(state.Certificate{Schema: "public", Table: "a.b"}),
			s.Certificate(state.Certificate{Schema: "public", Table: "a"}),
		} {
			if err := s.Write(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := execute(t, dial(t, url), s.TableRestart("public", "a.b")); n != 1 {
		t.Errorf("TableRestart hit %d rows", n)
	}
	st := loaded(t, url, crm)
	if len(st.Chunks) != 1 || len(st.Steps) != 1 || st.Done(step) || len(st.Certificates) != 1 {
		t.Errorf("left are %+v", st)
	}
	if st := loaded(t, url, other.address); len(st.Chunks) != 3 || len(st.Steps) != 2 || len(st.Certificates) != 2 {
		t.Errorf("left of the other migration are %+v", st)
	}
	// The chunk can be recorded again.
	if err := s.Write(t.Context(), s.ChunksDone(state.Chunk{Schema: "public", Table: "a.b", Number: 0})); err != nil {
		t.Error(err)
	}
}
