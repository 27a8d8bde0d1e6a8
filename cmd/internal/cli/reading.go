package cli

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/cmd/internal/connect"
	"sluice/config"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
	"sluice/state"
	"sluice/state/postgres"
)

// reading is what a plan is made of: both databases and the state, read without
// writing anything.
type reading struct {
	spec           planner.Spec
	source, target *catalog.Catalog
	state          state.State
	back           state.State // of the way back
}

// returns says that there is a way back, and nothing left to do of the way there.
func (r *reading) returns() bool { return planner.BackBegins(r.state) != "" }

// current is the state of what build plans.
func (r *reading) current() state.State {
	if r.returns() {
		return r.back
	}
	return r.state
}

// read reads both sides of a migration. A server that cannot be reached is
// explained, for both sides where it is both.
func (a *app) read(ctx context.Context, c *config.Config, m config.Migration) (*reading, error) {
	r := &reading{spec: spec(c, m)}
	s := a.sides(c, m)
	var from, to *pgx.Conn
	var noSource, noTarget error
	connecting := errgroup.Group{}
	connecting.Go(func() error {
		from, noSource = s.source.Connect(ctx, "plan")
		return nil
	})
	connecting.Go(func() error {
		to, noTarget = s.target.Connect(ctx, "plan")
		return nil
	})
	_ = connecting.Wait() // both errors are needed, not the first
	defer hangUp(ctx, from, to)
	if err := a.unreachable(ctx, c, attempt{m.Source, noSource}, attempt{m.Target, noTarget}); err != nil {
		return nil, err
	}
	reading := errgroup.Group{}
	reading.Go(func() (err error) {
		if r.source, err = introspect.ReadTogether(ctx, from, another(s.source)); err != nil {
			return fmt.Errorf("reading %s: %w", s.source.Ref, err)
		}
		if r.source.Expressions, err = introspect.Check(ctx, from, r.spec.Expressions()); err != nil {
			err = fmt.Errorf("checking filters and values on %s: %w", s.source.Ref, err)
		}
		return err
	})
	reading.Go(func() (err error) {
		if r.target, err = introspect.ReadTogether(ctx, to, another(s.target)); err != nil {
			return fmt.Errorf("reading %s: %w", s.target.Ref, err)
		}
		r.state, err = postgres.Load(ctx, to, m.Address)
		return err
	})
	if err := reading.Wait(); err != nil || !r.returns() {
		return r, err
	}
	var err error
	r.back, err = postgres.Load(ctx, from, planner.BackAddress(m.Address))
	return r, err
}

// another opens one more connection to read a server with.
func another(s session.Server) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) { return s.Connect(ctx, "plan") }
}

// attempt is a try to connect to a server.
type attempt struct {
	server config.Server
	err    error
}

// unreachable prints why servers cannot be reached.
func (a *app) unreachable(ctx context.Context, c *config.Config, attempts ...attempt) error {
	var findings []planner.Finding
	for _, t := range attempts {
		if t.err == nil {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f := connect.Finding(t.server, t.err)
		at := place(t.server.Range)
		f.Place = &at
		findings = append(findings, f)
	}
	if len(findings) == 0 {
		return nil
	}
	if err := a.diagnose(c, findings); err != nil {
		return err
	}
	return quiet(exitError)
}

func hangUp(ctx context.Context, conns ...*pgx.Conn) {
	for _, conn := range conns {
		if conn != nil {
			session.Close(ctx, conn)
		}
	}
}
