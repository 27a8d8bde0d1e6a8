package postgres

import (
	"errors"
	"fmt"
	"time"

	"sluice/state"
)

// ErrFenced says that a write hit nothing, because the epoch has moved on. The
// transaction it belongs to must be rolled back, and the process must stop.
var ErrFenced = errors.New("another process has taken over this migration")

// ErrUnknown says that a migration or a request is not in this database.
var ErrUnknown = errors.New("not recorded in this database")

// errReleased is what a Store answers after Release.
var errReleased = errors.New("the lock of this migration was released")

// errPooler says that the lock does not stay with its session.
var errPooler = errors.New("the connection does not keep its server session, so it cannot keep a lock: a connection pooler " +
	"in transaction mode is in between; connect to the server itself, or to a pool in session mode")

// HeldError says that another process holds the migration.
type HeldError struct {
	Address string
	Lease   state.Lease // zero but for Live where the other is just about to write it
}

func (e *HeldError) Error() string {
	if e.Lease.Holder == "" {
		return fmt.Sprintf("%s is held by another process", e.Address)
	}
	return fmt.Sprintf("%s is held by %s, last heard of at %s; stop that process first (Ctrl-C, or SIGTERM): what it did is recorded",
		e.Address, e.Lease.Holder, e.Lease.Heartbeat.Format(time.RFC3339))
}

// ForeignError says that the recorded state is of another server or database
// than the one that is connected now.
type ForeignError struct {
	Address  string
	Side     string // "source" or "target"
	Recorded state.Server
	Found    state.Server
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the state of %s is of another %s: recorded is database %q of system %s, this is database %q of system %s",
		e.Address, e.Side, e.Recorded.Database, e.Recorded.SystemIdentifier, e.Found.Database, e.Found.SystemIdentifier)
}

// foreign compares what is recorded with what is found. What is not known on
// either side is no difference.
func foreign(address, side string, recorded, found state.Server) error {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	if differ(recorded.SystemIdentifier, found.SystemIdentifier) || differ(recorded.Database, found.Database) {
		return &ForeignError{Address: address, Side: side, Recorded: recorded, Found: found}
	}
	return nil
}
