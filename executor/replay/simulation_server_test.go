package replay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner/catalog"
	"sluice/state"
)

// The model does what the statements mean; here a server says what they do. Some of
// the same histories are killed before and after commits, and end as the source did.
func TestHistoriesOnAServer(t *testing.T) {
	t.Parallel()
	const enough, lacking = 10, 5 // histories, and those in which a row is lacking
	for seed, lack := uint64(1), 0; seed <= enough || lack < lacking; seed++ {
		random := rand.New(rand.NewPCG(seed, 0))
		h := makeHistory(random)
		if h.lacks != nil {
			lack++
		} else if seed > enough {
			continue
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			onServer(t, seed, random, h)
		})
	}
}

func onServer(t *testing.T, seed uint64, random *rand.Rand, h *history) {
	s := &simulation{Rand: random, T: t, seed: seed, history: h, target: newModel(h, map[string]int{})}
	s.several()
	s.load(h.loads)
	s.anticipates = !s.target.loading
	url := sandbox.Shared(t, 0, "target").Database(t)
	sandbox.Exec(t, url, "create table public.position (lsn pg_lsn); insert into public.position values ('0/0')")
	for table, sample := range samples {
		sandbox.Exec(t, url, sample.create(h.on(table, 0), s.target.loading))
	}
	s.options.Partial, s.options.Target, s.options.Ledger = h.partial, session.At("target.new", url), positions{}
	s.options.Position = func(context.Context) (p state.Position, err error) {
		// The lock waits for a commit that a kill has left under way.
		lsn, err := pglogrepl.ParseLSN(sandbox.Query(t, url, "select lsn from public.position for update")[0])
		p.LSN = uint64(lsn)
		return p, err
	}
	for kills := 3; ; kills-- {
		ctx, kill := context.WithCancel(t.Context())
		points := random.IntN(6)
		s.options.Point = func(string) {
			if points--; kills > 0 && points < 0 {
				kill()
			}
		}
		err := s.serve(ctx)
		killed := ctx.Err() != nil
		kill()
		p, unread := s.options.Position(t.Context())
		if unread != nil {
			t.Fatal(unread)
		}
		for table, sample := range samples {
			if want, got := h.on(table, h.before(p.LSN)), sample.read(t, url); !want.equal(got) {
				t.Fatalf("history %d: at %x %s is %q, want %q", seed, p.LSN, sample.name, got, want)
			}
		}
		switch diverged := new(Divergence); {
		case errors.As(err, &diverged) && h.lacks != nil && diverged.Table == samples[h.lacks.table].target():
			return
		case errors.As(err, new(*WholeError)):
			s.whole = uint64(s.applier.Received())
		case err == nil && h.lacks == nil && p.LSN == h.end:
			return
		case !killed:
			t.Fatalf("history %d: it has ended at %x of %x with %v", seed, p.LSN, h.end, err)
		}
	}
}

// serve applies what the server sends from the recorded position on.
func (s *simulation) serve(ctx context.Context) error {
	a, err := Open(ctx, s.options)
	if err != nil {
		return err
	}
	defer a.Close(context.WithoutCancel(ctx))
	a.least = s.least
	s.applier, s.target.position = a, a.Position()
	items := s.send()
	in := newFed()
	for len(items) > 0 {
		n := 1 + s.IntN(len(items))
		in.batches <- &stream.Batch{Items: items[:n:n]}
		items = items[n:]
	}
	err = a.To(ctx, in, pglogrepl.LSN(s.history.end), nil)
	if s.IntN(2) == 0 { // else the server has not heard of it
		s.confirmed = max(s.confirmed, in.acknowledged.Load())
	}
	return err
}

// create is the table on the target, with rows.
func (s *sample) create(all rows, loading bool) string {
	columns := make([]string, len(s.columns))
	for i, name := range s.columns {
		columns[i] = catalog.Quote(name) + " text"
		if slices.Contains(s.key, i) {
			columns[i] = catalog.Quote(name) + " int"
		}
		if s.always && slices.Contains(s.key, i) {
			columns[i] += " generated always as identity"
		}
	}
	var key []string
	for _, i := range s.key {
		key = append(key, s.columns[i])
	}
	if key != nil {
		columns = append(columns, "primary key ("+catalog.QuoteAll(key)+")")
	}
	if s.unique != nil && !loading {
		columns = append(columns, "unique ("+catalog.Quote(s.columns[s.unique[0]])+")")
	}
	sql := fmt.Sprintf("create table %s (%s);", s.target().SQL(), strings.Join(columns, ", "))
	for _, r := range all {
		values := make([]string, len(r))
		for i, v := range r {
			if values[i] = "null"; v != null {
				values[i] = catalog.Literal(v)
			}
		}
		sql += fmt.Sprintf("insert into %s overriding system value values (%s);", s.target().SQL(), strings.Join(values, ", "))
	}
	return sql
}

// read is what the table has.
func (s *sample) read(t *testing.T, url string) (all rows) {
	t.Helper()
	// A field of its own for each column: what is NULL is told by a byte before.
	texts := make([]string, len(s.columns))
	for i, name := range s.columns {
		texts[i] = fmt.Sprintf("coalesce('t' || %s, 'n')", catalog.Quote(name))
	}
	for _, line := range sandbox.Query(t, url, fmt.Sprintf("select concat_ws(E'\\n', %s) from %s", strings.Join(texts, ", "), s.target().SQL())) {
		var r row
		for field := range strings.SplitSeq(line, "\n") {
			if field == "n" {
				r = append(r, null)
			} else {
				r = append(r, field[1:])
			}
		}
		all = append(all, r)
	}
	slices.SortFunc(all, slices.Compare[row])
	return all
}
