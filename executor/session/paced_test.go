//go:build linux

package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// pair is a paced connection, and its other end.
func pair(t *testing.T) (*paced, net.Conn) {
	t.Helper()
	return over(t, "tcp", "127.0.0.1:0")
}

func over(t *testing.T, network, address string) (*paced, net.Conn) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dial := pacing(func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	})
	conn, err := dial(t.Context(), network, listener.Addr().String())
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

// A socket of the system that has no window is paced too.
func TestPacedWithoutTCP(t *testing.T) {
	t.Parallel()
	p, server := over(t, "unix", filepath.Join(t.TempDir(), "socket"))
	if _, err := server.Write([]byte("piece")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	if n, err := p.Read(b); string(b[:n]) != "piece" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
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
	p.count, p.since = many-1, time.Now()
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

// Who waits is told that it is over: the deadline may come later, and so may the end.
func TestPacedIsInterrupted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		over func(*paced) error
		want error
	}{
		{"by a deadline", func(p *paced) error { return p.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		{"by its end", (*paced).Close, net.ErrClosed},
	} {
		p, _ := pair(t)
		failed := make(chan error, 2)
		go func() {
			_, err := p.Read(make([]byte, 64))
			failed <- err
		}()
		go func() {
			_, err := p.Write(make([]byte, 64<<20)) // more than the system keeps for us
			failed <- err
		}()
		<-time.After(10 * time.Millisecond) // by then they wait
		if err := c.over(p); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := <-failed; !errors.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// What the system does not take at once is written when it does.
func TestPacedWritesAll(t *testing.T) {
	t.Parallel()
	p, server := pair(t)
	sent := bytes.Repeat([]byte("piece "), 1<<20)
	read := make(chan []byte, 1)
	go func() {
		got, _ := io.ReadAll(server)
		read <- got
	}()
	if n, err := p.Write(sent); n != len(sent) || err != nil {
		t.Errorf("%d bytes of %d, %v", n, len(sent), err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(<-read, sent) {
		t.Error("other bytes have arrived")
	}
	if _, err := p.Write(sent); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
