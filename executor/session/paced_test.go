//go:build unix

package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a paced connection, and its other end.
func pair(t *testing.T) (*paced, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dial := pacing(func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	})
	conn, err := dial(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), server.Close() })
	return conn.(*paced), server
}

// quickened reads from the other end's stream of small pieces until they come fast.
func quickened(t *testing.T) (*paced, net.Conn) {
	t.Helper()
	p, server := pair(t)
	piece := make([]byte, 64)
	for !p.fast {
		for range many {
			if _, err := server.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		for range many {
			if _, err := io.ReadFull(p, piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p, server
}

// However they come, the bytes are those that were sent.
func TestPacedReadsAllOfAStream(t *testing.T) {
	t.Parallel()
	p, server := quickened(t)
	var sent bytes.Buffer
	for i := range 200_000 {
		sent.WriteString("piece ")
		sent.WriteByte(byte(i))
	}
	go func() {
		for rest := sent.Bytes(); len(rest) > 0; {
			n := min(len(rest), 1+len(rest)%97)
			if _, err := server.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
		_ = server.Close()
	}()
	got, err := io.ReadAll(p)
	if err != nil || !bytes.Equal(got, sent.Bytes()) {
		t.Errorf("%d of %d bytes, or other ones: %v", len(got), sent.Len(), err)
	}
}

// When they come slowly again, each is read when it comes; so are a deadline and the
// end noticed.
func TestPacedWaitsAsOthersDo(t *testing.T) {
	t.Parallel()
	b := make([]byte, 64)
	late := func(when string, p *paced, server net.Conn) {
		written := make(chan error, 1)
		go func() {
			<-time.After(10 * time.Millisecond) // by then it waits
			_, err := server.Write([]byte("late"))
			written <- err
		}()
		if err := p.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Read(b); string(b[:n]) != "late" || err != nil {
			t.Errorf("%s: %q, %v", when, b[:n], err)
		}
		if err := <-written; err != nil {
			t.Fatal(err)
		}
	}
	p, server := quickened(t)
	late("when they came fast", p, server)
	p, server = pair(t)
	p.reads, p.since = many-1, time.Now()
	late("when they just came fast enough", p, server)

	p, _ = quickened(t)
	if err := p.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %d bytes, %v", n, err)
	}

	p, server = quickened(t)
	_ = server.Close()
	if n, err := p.Read(b); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d bytes, %v", n, err)
	}
}
