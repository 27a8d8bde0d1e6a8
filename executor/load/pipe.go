package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"sluice/executor/throttle"
)

// bufferSize is how much is read and written at once: large enough that system
// calls do not count, small enough to stay in the processor's cache.
const bufferSize = 256 << 10

// pipe runs a COPY … TO STDOUT on the source into a COPY … FROM STDIN on the
// target and returns the number of rows, which both servers must agree on.
//
// What CopyData frames carry is not looked at. A server sends a frame for each
// row; the target gets what was read at once as one, which costs it less: it
// fills its buffer once for each frame. Both connections are usable afterwards
// unless there is an error: then both are closed, which rolls their transactions
// back.
func (p *pair) pipe(ctx context.Context, out, in string, flow throttle.Flow, count func(bytes int)) (rows int64, err error) {
	source, err := hijack(ctx, p.source, &p.from)
	if err != nil {
		return 0, err
	}
	target, err := hijack(ctx, p.target, &p.to)
	if err != nil {
		source.conn.Close()
		return 0, err
	}
	// Deadlines are how a blocked read or write is woken when ctx ends.
	wake := context.AfterFunc(ctx, func() {
		_ = source.conn.SetDeadline(time.Unix(1, 0))
		_ = target.conn.SetDeadline(time.Unix(1, 0))
	})
	rows, err = transfer(source, target, out, in, flow, func(rows, bytes int) error {
		count(bytes)
		return flow.Take(ctx, rows, bytes)
	})
	if !wake() && err == nil {
		err = context.Cause(ctx) // the deadline may be set already: give the connections up
	}
	if err == nil {
		err = p.takeBack(source, target)
	}
	if err != nil {
		source.conn.Close()
		target.conn.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return 0, err
	}
	return rows, nil
}

// takeBack makes both connections usable again. On an error the pair keeps those
// it had: they are closed, but they are there.
func (p *pair) takeBack(source, target *wire) error {
	from, err := source.giveBack()
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	to, err := target.giveBack()
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	p.source, p.target = from, to
	return nil
}

func transfer(source, target *wire, out, in string, flow throttle.Flow, passed func(rows, bytes int) error) (int64, error) {
	if err := source.query(out); err != nil {
		return 0, fmt.Errorf("source: %w", err)
	}
	if err := target.query(in); err != nil {
		return 0, fmt.Errorf("target: %w", err)
	}
	if err := source.expect('H'); err != nil { // CopyOutResponse
		return 0, fmt.Errorf("source: %w", err)
	}
	if err := target.expect('G'); err != nil { // CopyInResponse
		return 0, fmt.Errorf("target: %w", err)
	}
	// The target may refuse a row at any time. It is read beside the writing, so
	// that its answer is seen and never blocks it.
	answer := make(chan outcome, 1)
	go func() { answer <- target.finish() }()

	if err := forward(source, target, flow, passed); err != nil {
		source.conn.Close()
		target.conn.Close() // ends the reader
		if refused := <-answer; refused.server() {
			return 0, fmt.Errorf("target: %w", refused.err)
		}
		return 0, err
	}
	sent := source.finish()
	if sent.err != nil {
		target.conn.Close()
		<-answer
		return 0, fmt.Errorf("source: %w", sent.err)
	}
	received := <-answer
	if received.err != nil {
		return 0, fmt.Errorf("target: %w", received.err)
	}
	if sent.rows != received.rows {
		target.conn.Close()
		return 0, fmt.Errorf("the source sent %d rows and the target took %d", sent.rows, received.rows)
	}
	return sent.rows, nil
}

// forward passes the content of CopyData frames on until CopyDone, which it
// passes on too. A frame is a row: so servers send them. passed is told of each
// piece beforehand.
func forward(source, target *wire, flow throttle.Flow, passed func(rows, bytes int) error) error {
	rest := 0 // bytes of a frame whose header has been seen, still to come
	for {
		if source.empty() {
			if err := source.fill(); err != nil {
				return fmt.Errorf("source: %w", err)
			}
		}
		// All the content in the buffer goes in one write, or as much of it as may
		// go at once. It is moved together, and a header for all of it goes before
		// it, where there is room: see fill.
		data, taken, rows, done := source.unread(), 0, 0, false
		piece := source.buffer[source.low-headerSize : source.low]
		mostRows, mostBytes := flow.Piece()
		data = data[:min(len(data), max(mostBytes, headerSize))]
		for taken < len(data) {
			if rest > 0 {
				n := min(rest, len(data)-taken)
				piece = append(piece, data[taken:taken+n]...)
				taken, rest = taken+n, rest-n
				continue
			}
			if len(data)-taken < headerSize || rows == mostRows {
				break
			}
			if data[taken] != 'd' {
				done = true
				break
			}
			size := binary.BigEndian.Uint32(data[taken+1:])
			if size < 4 {
				return fmt.Errorf("source: malformed message of %d bytes", size)
			}
			taken, rest, rows = taken+headerSize, int(size)-4, rows+1
		}
		if bytes := len(piece) - headerSize; rows > 0 || bytes > 0 {
			if err := passed(rows, bytes); err != nil {
				return err
			}
			piece[0] = 'd'
			binary.BigEndian.PutUint32(piece[1:], uint32(len(piece)-1))
			if _, err := target.conn.Write(piece); err != nil {
				return fmt.Errorf("target: %w", err)
			}
			source.skip(taken)
		}
		switch {
		case done:
			if more, err := between(source, target); err != nil || !more {
				return err
			}
		case taken == 0: // a header in two parts
			if err := source.fill(); err != nil {
				return fmt.Errorf("source: %w", err)
			}
		}
	}
}

// between handles a message that is no CopyData: the end, an error, or a notice
// between two rows, after which more may come.
func between(source, target *wire) (more bool, err error) {
	kind, body, err := source.message()
	if err != nil {
		return false, fmt.Errorf("source: %w", err)
	}
	switch kind {
	case 'c':
		if _, err := target.conn.Write([]byte{'c', 0, 0, 0, 4}); err != nil {
			return false, fmt.Errorf("target: %w", err)
		}
		return false, nil
	case 'E':
		return false, fmt.Errorf("source: %w", serverError(body))
	}
	return true, nil
}

const headerSize = 5

// wire is a connection whose messages we read ourselves.
type wire struct {
	hijacked *pgconn.HijackedConn
	conn     net.Conn
	buffer   []byte
	low, top int // the unread bytes are buffer[low:top]; low is at least headerSize
}

// hijack takes a connection over. The buffer is made at its first time, and used
// again: small tables would only fill and clear memory.
func hijack(ctx context.Context, c *pgconn.PgConn, buffer *[]byte) (*wire, error) {
	if err := c.SyncConn(ctx); err != nil {
		return nil, err
	}
	h, err := c.Hijack()
	if err != nil {
		return nil, err
	}
	if *buffer == nil {
		*buffer = make([]byte, bufferSize)
	}
	return &wire{hijacked: h, conn: h.Conn, buffer: *buffer, low: headerSize, top: headerSize}, nil
}

// giveBack makes the connection pgconn's again. What may have come after the end
// of COPY is passed over (a notice, a setting that was reloaded), but for an
// error: the session was ended, and says why.
func (w *wire) giveBack() (*pgconn.PgConn, error) {
	for !w.empty() {
		kind, body, err := w.message()
		if err != nil {
			return nil, err
		}
		if kind == 'E' {
			return nil, serverError(body)
		}
	}
	return pgconn.Construct(w.hijacked)
}

func (w *wire) query(sql string) error {
	encoded, err := (&pgproto3.Query{String: sql}).Encode(nil)
	if err != nil {
		return err
	}
	_, err = w.conn.Write(encoded)
	return err
}

func (w *wire) empty() bool    { return w.low == w.top }
func (w *wire) unread() []byte { return w.buffer[w.low:w.top] }
func (w *wire) skip(n int)     { w.low += n }

// fill reads more, after what is unread; before that there is room for a header.
func (w *wire) fill() error {
	if w.low > headerSize {
		w.top = headerSize + copy(w.buffer[headerSize:], w.unread())
		w.low = headerSize
	}
	if w.top == len(w.buffer) {
		w.buffer = append(w.buffer, make([]byte, len(w.buffer))...)
	}
	n, err := w.conn.Read(w.buffer[w.top:])
	w.top += n
	if n > 0 {
		return nil
	}
	return err
}

// maxMessage bounds the messages that are not COPY data: errors and notices.
const maxMessage = 16 << 20

// message reads one message whole; body is valid until the next call.
func (w *wire) message() (kind byte, body []byte, err error) {
	need := headerSize
	for {
		if data := w.unread(); len(data) >= headerSize {
			size := binary.BigEndian.Uint32(data[1:])
			if size < 4 || size > maxMessage {
				return 0, nil, fmt.Errorf("malformed message of %d bytes", size)
			}
			need = int(size) + 1
			if len(data) >= need {
				w.skip(need)
				return data[0], data[headerSize:need], nil
			}
		}
		if err := w.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// expect reads up to a message of this kind.
func (w *wire) expect(want byte) error {
	for {
		kind, body, err := w.message()
		if err != nil {
			return err
		}
		switch kind {
		case want:
			return nil
		case 'E':
			return serverError(body)
		case 'C', 'Z':
			return errors.New("the server did not begin to copy")
		}
	}
}

// outcome is how a COPY ended on one side.
type outcome struct {
	rows int64
	err  error
}

// server says that the server itself reported the error.
func (o outcome) server() bool {
	var e *pgconn.PgError
	return errors.As(o.err, &e)
}

// finish reads from the end of the data to ReadyForQuery.
func (w *wire) finish() (o outcome) {
	for {
		kind, body, err := w.message()
		if err != nil {
			if o.err == nil {
				o.err = err
			}
			return o
		}
		switch kind {
		case 'E':
			o.err = serverError(body)
			w.conn.Close() // wakes the writer: nothing it sends matters any more
			return o
		case 'C':
			_, n, _ := bytes.Cut(bytes.TrimRight(body, "\x00"), []byte(" "))
			if o.rows, err = strconv.ParseInt(string(n), 10, 64); err != nil {
				o.err = fmt.Errorf("unexpected end of COPY: %q", body)
			}
		case 'Z':
			w.hijacked.TxStatus = body[0]
			return o
		}
	}
}

func serverError(body []byte) error {
	var e pgproto3.ErrorResponse
	if err := e.Decode(body); err != nil {
		return fmt.Errorf("malformed error message: %w", err)
	}
	return pgconn.ErrorResponseToPgError(&e)
}
