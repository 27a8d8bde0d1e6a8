//go:build linux

package session

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"
)

// paced reads what a server sends in many small pieces. A walsender flushes every
// message by itself: to be woken for each costs both sides more than what is in it,
// so while they come fast we look only now and then, and are not woken.
//
// A look takes a part of what is there. What is left keeps the window closed, so that
// the server's system gathers the next messages instead of sending each of them, which
// the walsender would pay for: half of its time.
//
// The runtime's poller is woken whenever something comes, also while nobody reads, so
// it must not know the socket. SO_RCVLOWAT would keep the system from waking it, but
// acknowledge each segment at once while there is less than that (net/ipv4/tcp_input.c:
// __tcp_ack_snd_check).
type paced struct {
	fd            int
	local, remote net.Addr
	reading       limit
	writing       limit
	closed        atomic.Bool
	used          sync.RWMutex // the descriptor, which Close gives back

	count int       // reads; while they come fast, looks in a row that brought little
	since time.Time // of the first of these reads
	fast  bool
	pause time.Duration // before the next look
	look  int           // bytes that this one has brought
}

// They come fast after so many reads in so short a time, until a few looks in a row
// bring little: on a busy machine the server may have to wait for its turn.
const (
	many   = 64
	soon   = 32 * time.Millisecond
	little = 512
	few    = 16
)

// A look takes enough and waits a little shorter for the next one, or finds nothing
// left and waits longer, unless what it found is not worth that.
const (
	enough = 128 << 10
	worth  = 4 << 10
	least  = 500 * time.Microsecond
	most   = 8 * time.Millisecond
)

// window is what a server that is near may send ahead: as it comes back after near at
// the latest, 64 MB a second. From further away the system chooses it.
const (
	window = 64 << 10
	near   = time.Millisecond
)

// notice is how soon one that waits sees that it shall not any more.
const notice = 20 * time.Millisecond

// pacing makes connections of a dialer paced, where they are sockets of the system.
func pacing(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		socket, ok := conn.(syscall.Conn)
		if err != nil || !ok {
			return conn, err
		}
		raw, err := socket.SyscallConn()
		if err != nil {
			return conn, err
		}
		p := &paced{local: conn.LocalAddr(), remote: conn.RemoteAddr()}
		failed := raw.Control(func(fd uintptr) { p.fd, err = own(int(fd)) })
		if err = errors.Join(failed, err); err != nil {
			return conn, nil
		}
		return p, conn.Close()
	}
}

// own is another descriptor of a socket, which then has the window of this file.
func own(socket int) (int, error) {
	info, err := unix.GetsockoptTCPInfo(socket, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err == nil && time.Duration(info.Rtt)*time.Microsecond < near {
		err = unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUF, window)
	}
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) { // of a socket that is not TCP's
		return 0, err
	}
	return unix.FcntlInt(uintptr(socket), unix.F_DUPFD_CLOEXEC, 0)
}

func (p *paced) Read(b []byte) (n int, err error) {
	if p.fast && p.look >= enough {
		p.rest(p.pause * 9 / 10)
	}
	n, err = p.do(&p.reading, func() (int, error) { return unix.Read(p.fd, b) }, p.empty)
	if n == 0 && err == nil && len(b) > 0 {
		err = io.EOF
	}
	if p.look += n; !p.fast {
		p.watch()
	}
	return n, err
}

// watch sees whether they come fast, after a read.
func (p *paced) watch() {
	if p.count == 0 {
		p.since = time.Now()
	}
	if p.count++; p.count == many {
		p.fast, p.count = time.Since(p.since) < soon, 0
		p.look, p.pause = 0, least
	}
}

// empty waits for more.
func (p *paced) empty() {
	if p.fast {
		p.rest(p.pause * 3 / 2)
	} else {
		p.poll(unix.POLLIN)
	}
}

// rest ends a look, and waits for the next one.
func (p *paced) rest(pause time.Duration) {
	if p.look < worth {
		pause = p.pause / 2
	}
	p.pause = min(max(pause, least), most)
	if p.count++; p.look >= little {
		p.count = 0
	} else if p.count == few {
		p.fast, p.count = false, 0
	}
	p.look = 0
	time.Sleep(p.pause)
}

func (p *paced) Write(b []byte) (written int, err error) {
	for written < len(b) && err == nil {
		var n int
		n, err = p.do(&p.writing, func() (int, error) { return unix.Write(p.fd, b[written:]) },
			func() { p.poll(unix.POLLOUT) })
		written += n
	}
	return written, err
}

// do calls until that does something, and waits where it would block.
func (p *paced) do(l *limit, call func() (int, error), wait func()) (int, error) {
	for {
		n, err := p.once(l, call, wait)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func (p *paced) once(l *limit, call func() (int, error), wait func()) (int, error) {
	p.used.RLock()
	defer p.used.RUnlock()
	if p.closed.Load() {
		return 0, net.ErrClosed
	}
	if l.over() {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := call()
	if errors.Is(err, unix.EAGAIN) {
		wait()
	}
	return max(n, 0), err
}

func (p *paced) poll(event int16) {
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: event}}, int(notice.Milliseconds()))
}

// limit is a deadline, in nanoseconds since 1970; 0: none.
type limit struct{ at atomic.Int64 }

func (l *limit) set(t time.Time) {
	if l.at.Store(0); !t.IsZero() {
		l.at.Store(max(t.UnixNano(), 1))
	}
}

func (l *limit) over() bool {
	at := l.at.Load()
	return at != 0 && at <= time.Now().UnixNano()
}

func (p *paced) Close() error {
	if p.closed.Swap(true) {
		return net.ErrClosed
	}
	p.used.Lock() // nobody is in the system any more
	defer p.used.Unlock()
	return unix.Close(p.fd)
}

func (p *paced) LocalAddr() net.Addr  { return p.local }
func (p *paced) RemoteAddr() net.Addr { return p.remote }

func (p *paced) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}

func (p *paced) SetReadDeadline(t time.Time) error {
	p.reading.set(t)
	return nil
}

func (p *paced) SetWriteDeadline(t time.Time) error {
	p.writing.set(t)
	return nil
}
