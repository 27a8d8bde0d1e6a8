package planner

import (
	"context"
	"io"
	"os/exec"
	"runtime/debug"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
	"sluice/state"
)

// manyTables makes 5,000 tables with 20,000 columns and 10,000 indexes; a
// default, a check and a foreign key each.
const manyTables = `
do $$
begin
  create table t (id bigint primary key, name text, price numeric, at timestamptz);
  create index on t (at);
  for i in 1 .. 4999 loop
    execute format('create table t%s (id bigserial primary key, t_id bigint not null references t,
      price numeric(12,2) check (price >= 0), at timestamptz default now())', i);
    execute format('create index on t%s (t_id)', i);
    if i % 500 = 0 then
      commit; -- the locks of 5,000 tables do not fit into one transaction
    end if;
  end loop;
end
$$`

// BenchmarkPlan plans 5,000 tables, and lets pg_dump write their schema beside
// it: the parts, and the whole way in turn with pg_dump, so that both have the
// machine to themselves as much or as little.
//
//	go test -run xxx -bench Plan ./planner
func BenchmarkPlan(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(GCPercent)) // as the command does
	server := sandbox.Shared(b, 15, "source")               // pg_dump is no older
	from, to := server.Database(b), server.Database(b)
	sandbox.Exec(b, from, manyTables)
	sandbox.Exec(b, from, "vacuum analyze")
	spec := everything()
	spec.Stages = Stages{Schema: true, Full: true}
	spec.Include = []Pattern{pattern("*.*", 1)}
	source, target := readBoth(b, from, to)
	if n := len(source.Objects); n < 25_000 {
		b.Fatalf("%d objects", n)
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			readBoth(b, from, to)
		}
	})
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			made(b, Build(spec, source, target, state.State{}))
		}
	})
	b.Run("json", func(b *testing.B) { // plan -out
		plan := Build(spec, source, target, state.State{})
		for b.Loop() {
			if _, err := plan.JSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		var own, theirs time.Duration
		for b.Loop() {
			start := time.Now()
			source, target := readBoth(b, from, to)
			made(b, Build(spec, source, target, state.State{}))
			own += time.Since(start)
			theirs += dump(b, from)
		}
		b.ReportMetric(float64(own.Milliseconds())/float64(b.N), "plan-ms/op")
		b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "pg_dump-ms/op")
		b.ReportMetric(own.Seconds()/theirs.Seconds(), "of-pg_dump")
	})
}

// dump says how long pg_dump takes to write the schema.
func dump(b *testing.B, url string) time.Duration {
	b.Helper()
	start := time.Now()
	cmd := exec.Command("pg_dump", "--schema-only", "--dbname="+url)
	cmd.Stdout = io.Discard
	if err := cmd.Run(); err != nil {
		b.Skipf("pg_dump: %v", err)
	}
	return time.Since(start)
}

// readBoth reads both databases at the same time, as the command does.
func readBoth(b *testing.B, from, to string) (source, target *catalog.Catalog) {
	b.Helper()
	var g errgroup.Group
	for url, into := range map[string]**catalog.Catalog{from: &source, to: &target} {
		g.Go(func() error {
			open := func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
			conn, err := open(b.Context())
			if err != nil {
				return err
			}
			defer conn.Close(b.Context())
			*into, err = introspect.ReadTogether(b.Context(), conn, open)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return source, target
}

func made(b *testing.B, p *Plan) {
	b.Helper()
	if p.Conflicts() > 0 {
		b.Fatalf("%+v", p.Findings[0])
	}
}
