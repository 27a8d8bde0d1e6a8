package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/executor/progress"
	"sluice/executor/spool"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/state"
)

// spooling reads the migration's slot into its spool, from the moment that there is
// one to the end of the run, whatever else the run is at. The follower reads the
// spool, and never that slot.
//
//	step     intent, with the directory; the files; its record
//	run      the files as they were; the slot must stand within them
//	cleanup  the slot goes, then the files, then the state
//
// A crash between intent and record leaves files from which nothing was acknowledged:
// they are made anew.
type spooling struct {
	run   *run
	spool *spool.Spool
	end   context.CancelFunc
	ended sync.WaitGroup

	mu      sync.Mutex // guards what follows
	renewed context.CancelCauseFunc
	over    chan struct{} // closed when the stream is; nil: there is none
}

// createSpool makes the spool. Nobody may read the slot meanwhile: where the spool is
// declared later, the changes are followed already.
func (x *run) createSpool(ctx context.Context, step *planner.Step, prior state.Step) error {
	return x.beside.held(ctx, func() error {
		x.follow.close(ctx)
		st, err := x.Store.State(ctx)
		if err != nil {
			return err
		}
		if prior.State == state.StepIntent {
			if _, err := spool.Remove(x.spoolOptions(st.Spool.Directory)); err != nil {
				return err
			}
		}
		o := x.spoolOptions(x.Plan.Spool.Directory)
		kept := state.Spool{Directory: o.Directory, MaxBytes: o.MaxBytes}
		if err := x.record(ctx, x.Store.StepIntent(step.ID, step.Fingerprint), x.Store.Spool(kept)); err != nil {
			return err
		}
		x.Point("spool: after its intent")
		from := st.Position.LSN
		if keep := st.Keep(); keep != 0 {
			from = min(from, keep) // a paused table still needs what comes from there on
		}
		made, err := spool.Create(o, pglogrepl.LSN(from))
		if err != nil {
			return err
		}
		x.Point("spool: before its record")
		if err := x.Store.Write(ctx, x.Store.StepDone(step.ID, step.Fingerprint)); err != nil {
			return errors.Join(err, made.Close())
		}
		x.keep(ctx, made)
		return nil
	})
}

func (x *run) spoolOptions(directory string) spool.Options {
	return spool.Options{
		Directory: directory, MaxBytes: x.settings.Load().SpoolBytes, Point: x.Point,
		Owner: spool.Owner{Lineage: x.state.Lineage, System: x.state.Source.SystemIdentifier, Slot: x.Plan.Slot},
	}
}

// resumeSpool goes on with the spool of an earlier run.
func (x *run) resumeSpool(ctx context.Context) error {
	made := slices.ContainsFunc(x.Plan.Steps, func(s planner.Step) bool { return s.Action == planner.CreateSpool && x.done(&s) })
	if !made || x.state.Phase == state.CutOver {
		return nil
	}
	return x.openSpool(ctx)
}

func (x *run) openSpool(ctx context.Context) error {
	found, err := spool.Open(x.spoolOptions(x.Plan.Spool.Directory))
	if err != nil {
		return fmt.Errorf("%w; what the source may have forgotten is in it (it was in %s): %s", err, x.state.Spool.Directory, spoolWayOut)
	}
	x.keep(ctx, found)
	return nil
}

const spoolWayOut = "bring its files back, or remove the migration with sluice cleanup and load again"

// keep begins to read the slot. ctx is that of a step, or the run's: both last until
// the end.
func (x *run) keep(ctx context.Context, in *spool.Spool) {
	ctx, end := context.WithCancel(ctx)
	s := &spooling{run: x, spool: in, end: end}
	x.spooling.Store(s)
	s.ended.Go(func() { s.fill(ctx) })
	s.ended.Go(func() { s.tell(ctx) })
}

// endSpooling ends it; what is in the spool stays there.
func (x *run) endSpooling() {
	s := x.spooling.Load()
	if s == nil {
		return
	}
	s.end()
	s.ended.Wait()
	if err := s.spool.Close(); err != nil {
		x.Log.Warn("closing the spool", "error", err)
	}
}

// fill reads the slot over as many connections as it takes. What ends that ends the
// run.
func (s *spooling) fill(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.run.retrying(ctx, s.once)
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrStopped) {
			s.run.fail(fmt.Errorf("keeping the changes: %w", err))
		}
		if err != nil {
			return
		}
	}
}

// errRenewed ends a stream that another one is to follow.
var errRenewed = errors.New("the stream is begun anew")

// once reads the slot over one connection, until that breaks or renew ends it.
func (s *spooling) once(ctx context.Context) (progressed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	over := make(chan struct{})
	defer close(over)
	s.mu.Lock()
	s.renewed, s.over = cancel, over
	s.mu.Unlock()

	begin := s.spool.End()
	err = s.read(ctx, begin)
	if errors.Is(context.Cause(ctx), errRenewed) {
		err = nil
	}
	return s.spool.End() > begin, err
}

// read reads what the slot has behind the end of the spool.
func (s *spooling) read(ctx context.Context, end pglogrepl.LSN) error {
	name := s.run.Plan.Slot
	err := s.run.usable(ctx, name, end, "what is in the spool", spoolWayOut)
	if err != nil {
		return err
	}
	if err := s.spool.Rewind(); err != nil { // not before: what is cut off is gone
		return err
	}
	from, err := stream.Open(ctx, s.run.Source, stream.Options{
		Slot: name, Publication: name, Start: end, Check: s.run.sameHistory(end, "what is in the spool", spoolWayOut),
	})
	if err != nil {
		return err
	}
	err = s.spool.Fill(ctx, from)
	if closed := from.Close(); closed != nil {
		s.run.Log.Debug("the stream has ended", "error", closed)
	}
	return err
}

// renew lets another walsender read what comes after the end of the spool.
func (s *spooling) renew() {
	s.mu.Lock()
	renewed, over := s.renewed, s.over
	s.mu.Unlock()
	if over != nil {
		renewed(errRenewed)
		<-over
	}
}

// tell keeps others informed of how full the spool is, and loudly where there is no
// room.
func (s *spooling) tell(ctx context.Context) {
	x := s.run
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var was spool.Stats
	for {
		now := s.spool.Stats()
		x.Progress.Spool(progress.Spool{
			Bytes: now.Bytes, MaxBytes: now.MaxBytes, FromLSN: progress.LSN(now.From), ToLSN: progress.LSN(now.To),
			Filling: now.Filling(), Full: now.Full,
		})
		switch {
		case now.Full != "" && was.Full == "":
			x.Log.Warn("the spool is full, and the source keeps its WAL", "reason", now.Full)
			x.Progress.Notice("the spool is full, and the source keeps its WAL until there is room: " + now.Full)
		case now.Full == "" && was.Full != "":
			x.Progress.Notice("the spool takes changes again")
		case now.Filling() && !was.Filling():
			x.Log.Warn("the spool fills up", "bytes", now.Bytes, "max_bytes", now.MaxBytes)
			x.Progress.Notice("the spool fills up")
		}
		if now != was {
			err := x.Store.Write(ctx, x.Store.Spool(state.Spool{
				Directory: x.Plan.Spool.Directory, Bytes: now.Bytes, MaxBytes: now.MaxBytes,
				From: uint64(now.From), To: uint64(now.To), Full: now.Full,
			}))
			if err != nil {
				x.Log.Debug("recording how full the spool is", "error", err)
			}
		}
		was = now
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// dropSpool removes the files. They may be on another machine.
func (x *run) dropSpool() error {
	directory := x.state.Spool.Directory
	found, err := spool.Remove(x.spoolOptions(directory))
	if err == nil && !found {
		x.Progress.Notice(fmt.Sprintf("there is no spool in %s on this machine: if sluice apply ran on another one, remove it there", directory))
	}
	return err
}
