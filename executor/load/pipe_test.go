package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/executor/throttle"
)

// pipeWorld is a pair of connections between two fresh databases.
type pipeWorld struct {
	source, target string // URLs
	pairs          *session.Pool[*pair]
}

func newPipeWorld(t *testing.T, target string) *pipeWorld {
	w := &pipeWorld{
		source: sandbox.Shared(t, 0, "source").Database(t),
		target: sandbox.Shared(t, 0, "target").Database(t),
	}
	sandbox.Exec(t, w.target, target)
	w.pairs = newPairs(session.At("source", w.source), session.At("target", w.target), nil, 1)
	t.Cleanup(func() { w.pairs.Resize(context.Background(), 0) })
	return w
}

// The statements of most tests here.
const (
	copyIn   = "copy public.t from stdin"
	copyRows = "copy (select i, pg_catalog.repeat('x', 1000) from pg_catalog.generate_series(1, %d) i) to stdout"
)

// ended checks that a pair was left to nobody: no session of it is on a server,
// and no goroutine of it in this process.
func (w *pipeWorld) ended(t *testing.T, before goleak.Option) {
	t.Helper()
	w.pairs.Resize(t.Context(), 0)
	for _, url := range []string{w.source, w.target} {
		eventually(t, url, "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'sluice%'", "0")
	}
	goleak.VerifyNone(t, before)
}

func TestPipeKeepsBothConnections(t *testing.T) {
	w := newPipeWorld(t, "create table public.t (i int, v text)")
	err := w.pairs.With(t.Context(), func(c *pair) error {
		for range 3 {
			rows, err := c.pipe(t.Context(), fmt.Sprintf(copyRows, 1000), copyIn, throttle.Flow{}, func(int) {})
			if err != nil || rows != 1000 {
				return fmt.Errorf("%d rows: %w", rows, err)
			}
		}
		for _, conn := range []*pgconn.PgConn{c.source, c.target} {
			if _, err := session.Row(t.Context(), conn, "select 1"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A failure on either side, at the start or in the middle, is reported with its
// SQLSTATE and as of that side, and closes both connections.
func TestPipeEndsBothSidesOnAnError(t *testing.T) {
	const million = 1_000_000
	for name, c := range map[string]struct {
		table, out, in string
		side, code     string
	}{
		"source refuses the statement": {
			out: "copy public.missing to stdout", in: copyIn, side: "source", code: "42P01"},
		"target refuses the statement": {
			out: fmt.Sprintf(copyRows, million), in: "copy public.missing from stdin", side: "target", code: "42P01"},
		"source fails in the middle": {
			out: "copy (select i, (1 / (100000 - i))::text from pg_catalog.generate_series(1, 1000000) i) to stdout",
			in:  copyIn, side: "source", code: "22012"},
		"target refuses a row in the middle": {
			table: "create table public.t (i int check (i < 100000), v text)",
			out:   fmt.Sprintf(copyRows, million), in: copyIn, side: "target", code: "23514"},
		"target refuses at the end": {
			table: `create table public.t (i int, v text);
				create function public.no() returns trigger language plpgsql as $$begin raise sqlstate 'XX123'; end$$;
				create trigger no after insert on public.t execute function public.no()`,
			out: fmt.Sprintf(copyRows, 1000), in: copyIn, side: "target", code: "XX123"},
		"target does not know the format": {
			out: "copy (select 1, 'x') to stdout", in: "copy public.t from stdin (format binary)", side: "target", code: "22P04"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.table == "" {
				c.table = "create table public.t (i int, v text)"
			}
			w := newPipeWorld(t, c.table)
			before := goleak.IgnoreCurrent()
			err := w.pairs.With(t.Context(), func(p *pair) error {
				_, err := p.pipe(t.Context(), c.out, c.in, throttle.Flow{}, func(int) {})
				return err
			})
			said := new(pgconn.PgError)
			if !errors.As(err, &said) || said.Code != c.code || !strings.HasPrefix(err.Error(), c.side+": ") {
				t.Errorf("error %v, want %s of the %s", err, c.code, c.side)
			}
			w.ended(t, before)
		})
	}
}

// Somebody ends a backend, or the run is cancelled, while rows flow.
func TestPipeIsInterrupted(t *testing.T) {
	for name, interrupt := range map[string]func(*testing.T, *pipeWorld, context.CancelFunc){
		"source is terminated": func(t *testing.T, w *pipeWorld, _ context.CancelFunc) { terminateCopies(t, w.source) },
		"target is terminated": func(t *testing.T, w *pipeWorld, _ context.CancelFunc) { terminateCopies(t, w.target) },
		"context is cancelled": func(_ *testing.T, _ *pipeWorld, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newPipeWorld(t, "create table public.t (i int, v text)")
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := w.pairs.With(ctx, func(p *pair) error {
				bytes := 0
				_, err := p.pipe(ctx, fmt.Sprintf(copyRows, 3_000_000), copyIn, throttle.Flow{}, func(n int) {
					if bytes < 1<<20 && bytes+n >= 1<<20 {
						interrupt(t, w, cancel)
					}
					bytes += n
				})
				return err
			})
			if ctx.Err() != nil && !errors.Is(err, context.Canceled) || ctx.Err() == nil && !gone(err) {
				t.Errorf("error %v", err)
			}
			w.ended(t, before)
			if got := sandbox.Query(t, w.target, "select count(*) from public.t"); got[0] != "0" {
				t.Errorf("%s rows are left on the target", got[0])
			}
		})
	}
}

// gone says that an error is that of a session which was ended: with the
// server's word, or where its buffers were full without one.
func gone(err error) bool {
	said, network := new(pgconn.PgError), new(net.OpError)
	return errors.As(err, &said) && said.Code == "57P01" || errors.Is(err, io.EOF) || errors.As(err, &network)
}

func terminateCopies(t *testing.T, url string) {
	sandbox.Exec(t, url, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sluice copy'")
}

// A notice between two rows ends nothing.
func TestPipePassesOverNotices(t *testing.T) {
	w := newPipeWorld(t, "create table public.t (i int, v text)")
	sandbox.Exec(t, w.source, `create function public.loud(i int) returns text language plpgsql as
		$$begin if i % 100 = 7 then raise warning '%', i; end if; return i; end$$`)
	err := w.pairs.With(t.Context(), func(p *pair) error {
		rows, err := p.pipe(t.Context(), "copy (select i, public.loud(i) from pg_catalog.generate_series(1, 5000) i) to stdout", copyIn, throttle.Flow{}, func(int) {})
		if err == nil && rows != 5000 {
			err = fmt.Errorf("%d rows", rows)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What the frames carry arrives whole and in order, however they are cut on the
// way and however little may go at once, in fewer frames than it came.
func TestForwardJoinsFrames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var sent, content []byte
	const rows = 3000
	for i := range rows {
		row := bytes.Repeat([]byte{byte(i)}, random.IntN(200))
		if i%1000 == 999 {
			row = bytes.Repeat([]byte{byte(i)}, 2*bufferSize)
		}
		content = append(content, row...)
		sent = binary.BigEndian.AppendUint32(append(sent, 'd'), uint32(len(row)+4))
		sent = append(sent, row...)
	}
	sent = append(sent, 'c', 0, 0, 0, 4)
	for name, flow := range map[string]throttle.Flow{
		"at once":          {},
		"a few rows":       {Rows: throttle.New(100)},
		"a few bytes":      {Bytes: throttle.New(40 * 1000)},
		"with both limits": {Rows: throttle.New(100), Bytes: throttle.New(40 * 1000)},
	} {
		t.Run(name, func(t *testing.T) {
			from, source := net.Pipe()
			target, to := net.Pipe()
			go func() {
				cuts := rand.New(rand.NewPCG(3, 4))
				for rest := sent; len(rest) > 0; {
					n := min(len(rest), 1+cuts.IntN(3000))
					_, _ = source.Write(rest[:n])
					rest = rest[n:]
				}
			}()
			countedRows, countedBytes := 0, 0
			go func() {
				w := &wire{conn: from, buffer: make([]byte, bufferSize), low: headerSize, top: headerSize}
				err := forward(w, &wire{conn: target}, flow, func(rows, bytes int) error {
					countedRows, countedBytes = countedRows+rows, countedBytes+bytes
					if mostRows, mostBytes := flow.Piece(); rows > mostRows || bytes > mostBytes {
						return fmt.Errorf("%d rows and %d bytes at once, where %d and %d may go", rows, bytes, mostRows, mostBytes)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				target.Close()
			}()
			got, err := io.ReadAll(to)
			if err != nil {
				t.Fatal(err)
			}
			var arrived []byte
			frames := 0
			for len(got) > 0 && got[0] == 'd' {
				size := 1 + int(binary.BigEndian.Uint32(got[1:]))
				arrived, got, frames = append(arrived, got[headerSize:size]...), got[size:], frames+1
			}
			if !bytes.Equal(got, []byte{'c', 0, 0, 0, 4}) || !bytes.Equal(arrived, content) {
				t.Errorf("%d of %d bytes arrived, and then % x", len(arrived), len(content), got[:min(len(got), 9)])
			}
			if countedRows != rows || countedBytes != len(content) || frames > rows {
				t.Errorf("%d rows and %d bytes were counted in %d frames", countedRows, countedBytes, frames)
			}
		})
	}
}

// A session that is ended just after its COPY has its farewell in our buffer:
// that is an error which passes, and no panic.
func TestGiveBackReportsWhatCameAfterTheEnd(t *testing.T) {
	w := &wire{buffer: []byte("E\x00\x00\x00\x0cC57P01\x00\x00"), top: 13}
	said := new(pgconn.PgError)
	if _, err := w.giveBack(); !errors.As(err, &said) || said.Code != "57P01" {
		t.Errorf("error %v, want 57P01", err)
	}
}

// 200 MB in rows of 1 kB and a value of 100 MB go through buffers of a constant
// size, whether the rows are text or binary.
func TestPipeIsFlat(t *testing.T) {
	for name, out := range map[string]string{
		"many rows": fmt.Sprintf(copyRows, 200_000),
		"one value": "copy (select 1, pg_catalog.repeat('sluice ', 15000000)) to stdout",
	} {
		t.Run(name, func(t *testing.T) {
			w := newPipeWorld(t, "create unlogged table public.t (i int, v text)")
			var before, after runtime.MemStats
			var bytes int64
			err := w.pairs.With(t.Context(), func(p *pair) error {
				runtime.ReadMemStats(&before)
				_, err := p.pipe(t.Context(), out, copyIn, throttle.Flow{}, func(n int) { bytes += int64(n) })
				runtime.ReadMemStats(&after)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || bytes < 100<<20 {
				t.Errorf("%d bytes were allocated for %d bytes of rows", used, bytes)
			}
		})
	}
}
