package postgres

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// pooler is what PgBouncer is in transaction mode: a client has a server
// session only for a transaction, and gets the one that was used last.
type pooler struct {
	t    *testing.T
	url  string // of the server
	mu   sync.Mutex
	idle []*pgconn.HijackedConn // guarded by mu; the last one is next
}

func (p *pooler) take() *pgconn.HijackedConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		server := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return server
	}
	conn, err := pgconn.Connect(context.Background(), p.url)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	server, err := conn.Hijack()
	if err != nil {
		p.t.Error(err)
		return nil
	}
	p.t.Cleanup(func() { server.Conn.Close() })
	return server
}

func (p *pooler) give(server *pgconn.HijackedConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, server)
}

// serve is one client, until it goes.
func (p *pooler) serve(conn net.Conn) {
	defer conn.Close()
	client := pgproto3.NewBackend(conn, conn)
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return
	}
	client.Send(&pgproto3.AuthenticationOk{})
	client.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	client.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	client.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	var server *pgconn.HijackedConn
	for client.Flush() == nil {
		message, err := client.Receive()
		if err != nil {
			return
		}
		if server == nil {
			if server = p.take(); server == nil {
				return
			}
		}
		server.Frontend.Send(message)
		switch message.(type) {
		case *pgproto3.Sync, *pgproto3.Query:
			status, err := p.reply(client, server)
			if err != nil {
				return
			}
			if status == 'I' {
				p.give(server)
				server = nil
			}
		}
	}
}

// reply passes on what the server says, to its ReadyForQuery.
func (p *pooler) reply(client *pgproto3.Backend, server *pgconn.HijackedConn) (status byte, err error) {
	if err := server.Frontend.Flush(); err != nil {
		return 0, err
	}
	for {
		message, err := server.Frontend.Receive()
		if err != nil {
			return 0, err
		}
		client.Send(message)
		if err := client.Flush(); err != nil {
			return 0, err
		}
		if ready, ok := message.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus, nil
		}
	}
}

func TestAPoolerInTransactionModeIsRefused(t *testing.T) {
	t.Parallel()
	url := database(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { listener.Close() })
	p := &pooler{t: t, url: url}
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(conn) })
		}
	})
	connect := func(ctx context.Context) (*pgx.Conn, error) {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, err
		}
		config.Port = uint16(listener.Addr().(*net.TCPAddr).Port)
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		return pgx.ConnectConfig(ctx, config)
	}
	_, err = Acquire(t.Context(), connect, Options{Address: crm})
	if err == nil || !strings.Contains(err.Error(), "a connection pooler in transaction mode is in between") {
		t.Errorf("Acquire gets %v", err)
	}
	// It was found out before a lock was left in the pool.
	hold(t, url, crm)
}
