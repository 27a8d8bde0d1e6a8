// Package stream reads the changes of a slot, in the order of their commits.
//
//	receive ──message──▶ collect ──batch──▶ C     (whoever applies or keeps them)
//	                        │ status ◀── Acknowledge   (what is committed, or on the disk)
//	                        ▼
//	                      server
//
// pgoutput sends a transaction when it has committed, whole and in commit order, so
// nothing has to be held back or kept: the consumer applies changes as they come and
// commits where the source did. A consumer that can take more gets a large
// transaction early, in blocks between others, and its commit or abort at its place
// among them (Options.Early). While the consumer is busy the next batch grows: the
// slower the target, the fewer and larger its commits. Memory is bounded by maxBytes
// and the messages in flight.
//
// One goroutine receives, and does nothing else; one collects, and is the only
// one that writes to the connection. It answers the server also while the
// consumer holds the stream, else the server would end it after
// wal_sender_timeout. What is acknowledged is what Acknowledge was told, in all
// three positions: a status message with a zero flush position would
// acknowledge everything received.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"sluice/executor/session"
	"sluice/planner/catalog"
)

// Options of Open.
type Options struct {
	Slot        string
	Publication string
	Start       pglogrepl.LSN // 0: where the slot stands
	// Keep: nothing from here on is acknowledged, whatever is applied; 0: all is. Not
	// behind Start.
	Keep pglogrepl.LSN
	// Early: what exceeds the source's logical_decoding_work_mem is sent before it is
	// committed. Sources from PostgreSQL 14 on can.
	Early bool
	// Check is asked before anything is read, on the connection that will; may be nil.
	Check func(context.Context, *pgconn.PgConn) error
}

// plugin are the options of pgoutput. Early takes protocol 2. Of the later ones, 3
// is for transactions that are to be prepared on the target, too: here a prepared one
// comes when it is committed. 4 says where each abort was, which helps who applies in
// parallel. https://www.postgresql.org/docs/current/protocol-logical-replication.html
func (o Options) plugin() []string {
	publication := "publication_names " + catalog.Literal(catalog.Quote(o.Publication))
	if o.Early {
		return []string{"proto_version '2'", "streaming 'on'", publication}
	}
	return []string{"proto_version '1'", publication}
}

// Batch is what arrived together.
type Batch struct {
	Items []Item
	bytes int
}

// Limits of a batch that nobody has taken yet. When it is full, receiving waits,
// and so does the server.
const (
	maxItems = 16384
	maxBytes = 8 << 20
)

// statusEvery is how often the server hears from us without asking. While the
// consumer holds the stream nobody reads its questions, so this alone must stay
// well under the smallest sensible wal_sender_timeout (a second; default 60 s).
const statusEvery = 250 * time.Millisecond

// sayEvery is how soon the server hears of an acknowledgement, or is asked how
// far it is.
const sayEvery = 100 * time.Millisecond

// Stream is a slot that is being read.
type Stream struct {
	conn   *pgconn.PgConn
	out    chan *Batch
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // valid after ended
	keep   pglogrepl.LSN
	acked  atomic.Uint64
	asking atomic.Bool
	memory []byte // for the next messages
	inside bool   // within a transaction or a block, as far as it was received
	block  bool   // within a block
	sent   time.Time
	told   pglogrepl.LSN // last acknowledged position that the server was told
}

// Open starts to read. ctx bounds the opening; the stream lives until Close.
func Open(ctx context.Context, source session.Server, o Options) (*Stream, error) {
	conn, err := source.Replicate(ctx)
	if err != nil {
		return nil, err
	}
	if o.Check != nil {
		if err := o.Check(ctx, conn); err != nil {
			session.Close(ctx, conn)
			return nil, err
		}
	}
	err = pglogrepl.StartReplication(ctx, conn, o.Slot, o.Start, pglogrepl.StartReplicationOptions{
		Mode:       pglogrepl.LogicalReplication,
		PluginArgs: o.plugin(),
	})
	if err != nil {
		session.Close(ctx, conn)
		return nil, fmt.Errorf("reading slot %s: %w", o.Slot, err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &Stream{conn: conn, out: make(chan *Batch), cancel: cancel, ended: make(chan struct{}), keep: o.Keep}
	s.Acknowledge(o.Start)
	go func() {
		defer close(s.ended)
		defer close(s.out)
		s.err = s.run(ctx)
		session.Close(ctx, conn)
	}()
	return s, nil
}

// C has the batches. It is closed at the end; Err says why.
func (s *Stream) C() <-chan *Batch { return s.out }

// Acknowledge says that everything before lsn is on the target, or in the spool,
// for good. The server is told soon, and may remove its WAL.
func (s *Stream) Acknowledge(lsn pglogrepl.LSN) {
	if s.keep != 0 {
		lsn = min(lsn, s.keep)
	}
	s.acked.Store(uint64(lsn))
}

// Ask makes the server say how far it is, again and again while on is true.
func (s *Stream) Ask(on bool) { s.asking.Store(on) }

// Close ends the stream and its goroutine, after telling the server the last acknowledgement.
func (s *Stream) Close() error {
	s.cancel()
	for range s.out { // let the goroutine past a batch that nobody will take
	}
	<-s.ended
	if errors.Is(s.err, context.Canceled) {
		return nil
	}
	return s.err
}

// Err is why C was closed.
func (s *Stream) Err() error {
	<-s.ended
	return s.err
}

// run collects until ctx ends or the connection breaks.
func (s *Stream) run(ctx context.Context) error {
	messages := make(chan received)
	receiving, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.receive(receiving, messages)
	}()
	err := s.collect(ctx, messages)
	stop()
	<-ended // nobody else uses the connection any more
	if ctx.Err() != nil {
		s.goodbye(ctx)
		return ctx.Err()
	}
	return err
}

// received are messages' bytes, or why there will be none any more.
type received struct {
	data [][]byte
	err  error
}

// maxReceived bounds the messages that are handed over at once.
const maxReceived = 256

// receive passes on what the server sends, as much as came at once, until it fails
// or ctx ends.
func (s *Stream) receive(ctx context.Context, to chan<- received) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Conn().SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var r received
	for {
		message, err := s.conn.Frontend().Receive()
		if err == nil {
			err = s.contents(&r, message)
		}
		if r.err = err; err == nil && len(r.data) < maxReceived && s.conn.Frontend().ReadBufferLen() > 0 {
			continue
		}
		if len(r.data) == 0 && err == nil {
			continue
		}
		select {
		case to <- r:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		r = received{}
	}
}

// slab is what is allocated at once for messages.
const slab = 64 << 10

// contents copies a message's bytes: the connection's buffer is used again.
func (s *Stream) contents(r *received, message pgproto3.BackendMessage) error {
	switch m := message.(type) {
	case *pgproto3.CopyData:
		if n := len(m.Data); n > cap(s.memory)-len(s.memory) {
			s.memory = make([]byte, 0, max(n, slab))
		}
		from := len(s.memory)
		s.memory = append(s.memory, m.Data...)
		r.data = append(r.data, s.memory[from:len(s.memory):len(s.memory)])
		return nil
	case *pgproto3.ErrorResponse:
		return pgconn.ErrorResponseToPgError(m)
	case *pgproto3.NoticeResponse, *pgproto3.ParameterStatus:
		return nil
	case *pgproto3.CopyDone, *pgproto3.CommandComplete, *pgproto3.ReadyForQuery:
		return fmt.Errorf("the server has ended the stream: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("unexpected message %T", message)
}

// collect makes batches of messages, hands them over, and talks to the server.
func (s *Stream) collect(ctx context.Context, messages <-chan received) error {
	tick := time.NewTicker(sayEvery)
	defer tick.Stop()
	batch := &Batch{}
	for {
		in, out := messages, s.out
		if len(batch.Items) == 0 {
			out = nil
		}
		if len(batch.Items) >= maxItems || batch.bytes >= maxBytes {
			in = nil
		}
		select {
		case m := <-in:
			for _, data := range m.data {
				if err := s.take(ctx, batch, data); err != nil {
					return fmt.Errorf("receiving changes: %w", err)
				}
			}
			if m.err != nil {
				return fmt.Errorf("receiving changes: %w", m.err)
			}
		case out <- batch:
			batch = &Batch{}
		case <-tick.C:
			if err := s.report(ctx, false); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take adds a message to the batch.
func (s *Stream) take(ctx context.Context, batch *Batch, data []byte) error {
	if len(data) == 0 {
		return errors.New("empty message")
	}
	switch data[0] {
	case pglogrepl.XLogDataByteID:
		x, err := pglogrepl.ParseXLogData(data[1:])
		if err != nil || len(x.WALData) == 0 {
			return errors.Join(errors.New("malformed WAL data"), err)
		}
		item := Item{LSN: x.WALStart, Data: x.WALData}
		if s.block {
			if item.Xid, item.Data, err = split(x.WALData); err != nil {
				return err
			}
		}
		switch item.Kind() {
		case Begin:
			s.inside = true
		case StreamStart:
			s.inside, s.block = true, true
		case Commit, StreamStop:
			s.inside, s.block = false, false
		}
		batch.Items = append(batch.Items, item)
		batch.bytes += len(x.WALData)
	case pglogrepl.PrimaryKeepaliveMessageByteID:
		k, err := pglogrepl.ParsePrimaryKeepaliveMessage(data[1:])
		if err != nil {
			return err
		}
		// Within a transaction the position says nothing about its changes.
		if !s.inside {
			batch.Items = append(batch.Items, Item{LSN: k.ServerWALEnd})
		}
		if k.ReplyRequested {
			return s.report(ctx, true)
		}
	default:
		return fmt.Errorf("unknown message %q", data[0])
	}
	return nil
}

// report tells the server what is acknowledged, when that is due: now, where
// there is news, where it was silent for statusEvery, or where it is asked how
// far it is.
func (s *Stream) report(ctx context.Context, now bool) error {
	acked := pglogrepl.LSN(s.acked.Load())
	quiet := time.Since(s.sent)
	ask := s.asking.Load() && quiet >= sayEvery
	if !now && !ask && quiet < statusEvery && (acked == s.told || quiet < sayEvery) {
		return nil
	}
	if acked == 0 {
		// Nothing is applied yet. Position 1 acknowledges nothing; 0 would be
		// taken for "the same as received" by pglogrepl.
		acked = 1
	}
	s.sent, s.told = time.Now(), acked
	err := pglogrepl.SendStandbyStatusUpdate(ctx, s.conn, pglogrepl.StandbyStatusUpdate{
		WALWritePosition: acked,
		WALFlushPosition: acked,
		WALApplyPosition: acked,
		ReplyRequested:   ask,
	})
	if err != nil {
		return fmt.Errorf("acknowledging changes: %w", err)
	}
	return nil
}

// goodbyeLimit bounds the last acknowledgement on a connection that may be dead.
const goodbyeLimit = time.Second

// goodbye acknowledges once more: what it does not reach is only sent again.
func (s *Stream) goodbye(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeLimit)
	defer cancel()
	_ = s.report(ctx, true)
}
