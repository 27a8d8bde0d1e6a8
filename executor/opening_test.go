package executor_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/session"
)

// deaf is a network that, once it is armed, passes on the next commit and loses the
// answer to it with the connection.
type deaf struct {
	armed atomic.Bool
	lost  atomic.Int32
}

type deafConn struct {
	net.Conn
	network *deaf
	ended   atomic.Bool
}

func (c *deafConn) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("Q")) && bytes.Contains(b, []byte("commit\x00")) && c.network.armed.CompareAndSwap(true, false) {
		c.ended.Store(true)
		c.network.lost.Add(1)
	}
	return c.Conn.Write(b)
}

func (c *deafConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.ended.Load() { // the server has answered
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// behind puts the network before a server.
func (d *deaf) behind(server session.Server) session.Server {
	config := server.Config
	server.Config = func(ctx context.Context) (*pgx.ConnConfig, error) {
		c, err := config(ctx)
		if err == nil {
			dial := c.DialFunc
			c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dial(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &deafConn{Conn: conn, network: d}, nil
			}
		}
		return c, err
	}
	return server
}

// The commit that opens the target goes through, and its answer is lost: the cutover
// has succeeded, and the source stays fenced.
func TestTheAnswerToTheOpeningIsLost(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	network := &deaf{}
	l.begin(t, firing, func(r *executor.Run) {
		r.Target = network.behind(r.Target)
		r.Point = func(name string) {
			if name == "cutover: before its commit" {
				network.armed.Store(true)
			}
		}
	})
	l.do("delete from public.authors where id between 21 and 25")
	l.settle()
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil || l.outcome != executor.CutOver || network.lost.Load() != 1 {
		t.Fatalf("the run ended with %q, %v, and %d answers were lost", l.outcome, l.err, network.lost.Load())
	}
	l.sameFiring()
	if fenced := sandbox.Query(t, l.source, "select count(*) > 0 from pg_trigger where tgname = 'sluice_fence'"); fenced[0] != "t" {
		t.Error("the source takes writes, and the target is open")
	}
}

// The session is ended before its commit: nothing is there, the source takes writes
// again, and the next cutover succeeds.
func TestTheOpeningIsCutOff(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	cut := false
	l.begin(t, firing, func(r *executor.Run) {
		r.Point = func(name string) {
			if name == "cutover: before its commit" && !cut {
				cut = true
				sandbox.Exec(t, l.target, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice cutover' and datname = current_database()")
			}
		}
	})
	before := l.firingOnTarget(t)
	if err := l.cutOver(l.ctx, t); err == nil || !strings.Contains(err.Error(), "cutting over") {
		t.Fatalf("the cutover said %v", err)
	}
	if after := l.firingOnTarget(t); len(after) != len(before) {
		t.Errorf("it has left %q", after)
	}
	l.do("delete from public.authors where id between 21 and 25")
	l.same()
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil || !cut {
		t.Fatal(l.err, cut)
	}
	l.sameFiring()
}
