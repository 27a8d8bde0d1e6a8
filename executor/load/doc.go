// Package load carries the rows of tables from the source to the target, exactly
// once.
//
//	table snapshot                       chunk snapshots
//	  holder: lock, snapshot S, export     for each range of keys:
//	  for each ctid range:                   lock, snapshot S, check columns
//	    import S, COPY                       COPY
//	    rows + record(S) commit              rows + record(S) commit
//
// It relies on executor/slot's barrier having been passed, on tables that
// nobody else writes on the target, and on the state: what is recorded is
// there, what is not recorded is not. A crash with ctid ranges starts the table
// over, since the snapshot is gone; with key ranges it costs the chunks that
// were in flight, since each brings its own snapshot.
//
// The lock (ACCESS SHARE) comes before the snapshot, because TRUNCATE and
// rewriting ALTER TABLE are not MVCC-safe: a snapshot taken first would find
// such a table empty. https://www.postgresql.org/docs/current/mvcc-caveats.html
//
// Small tables go together, in one transaction on each side (together.go). A chunk
// that fails is copied again and nothing else, as long as its snapshot is there
// (again.go). Who waits for a table that is read gets it: what was in hand is given
// up (aside.go).
//
// A table to which rows are appended may hold others: see existing.go.
//
// COPY data is passed on as it arrives, never parsed.
package load
