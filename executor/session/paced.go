//go:build unix

package session

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// paced reads what a server sends in many small pieces. A walsender flushes every
// message by itself: to be woken for each costs both sides more than what is in it,
// so while they come fast we look only now and then, and are not woken.
type paced struct {
	*net.TCPConn
	raw   syscall.RawConn
	fast  bool
	rest  bool // there was more than the last look could take
	reads int
	since time.Time // of the first of them
}

// They come fast after so many reads in so short a time, as long as a pause brings
// enough.
const (
	many   = 64
	soon   = 8 * time.Millisecond
	pause  = 500 * time.Microsecond
	enough = 512
)

// pacing makes connections of a dialer paced, where they are of TCP.
func pacing(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		tcp, ok := conn.(*net.TCPConn)
		if err != nil || !ok {
			return conn, err
		}
		raw, err := tcp.SyscallConn()
		return &paced{TCPConn: tcp, raw: raw}, err
	}
}

func (p *paced) Read(b []byte) (n int, err error) {
	if p.reads == 0 {
		p.since = time.Now()
	}
	if p.reads++; !p.fast && p.reads >= many {
		p.reads = 0
		p.quicken(time.Since(p.since) < soon)
	}
	for p.fast {
		if n, err = p.look(b); n > 0 || err != nil {
			return n, err
		}
	}
	return p.TCPConn.Read(b)
}

// look reads what has come in a pause; 0: that is nothing.
func (p *paced) look(b []byte) (n int, err error) {
	if !p.rest {
		time.Sleep(pause)
	}
	var failed error
	err = p.raw.Read(func(fd uintptr) bool {
		n, failed = syscall.Read(int(fd), b)
		return true
	})
	if !p.rest && n < enough {
		p.quicken(false)
		p.reads = 0
	}
	p.rest = n == len(b)
	switch {
	case err != nil:
		return 0, err
	case errors.Is(failed, syscall.EAGAIN) || errors.Is(failed, syscall.EINTR):
		return 0, nil
	case failed != nil:
		return 0, failed
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// quicken says whether they come fast. The system does not wake us then for less than
// a pause will bring.
// https://man7.org/linux/man-pages/man7/socket.7.html (SO_RCVLOWAT)
func (p *paced) quicken(fast bool) {
	if fast == p.fast {
		return
	}
	p.fast = fast
	least := 1
	if fast {
		least = 1 << 20
	}
	_ = p.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, least)
	})
}
