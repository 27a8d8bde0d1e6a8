// Package postgres keeps the state of migrations in the schema "sluice" of the
// target database, because there a step, a chunk's rows or a batch of changes
// commits together with the record that it is done.
//
// One process at a time holds a migration:
//
//	Acquire: connect                    a session of its own, for the lock
//	         pg_try_advisory_lock       held by another: *HeldError
//	         make the schema            one transaction, under a lock of the database
//	         raise the epoch            one transaction, with the lease
//	         heartbeat                  until Release, or until Lost
//	outage:  connect, lock              again and again: the server is away, or restarts
//	         epoch still ours           goes on; else Lost
//
// The advisory lock keeps two processes from starting; the epoch keeps one that
// has lost the lock, and may not know it yet, from writing. Every write says
// "where epoch = mine" and takes a row lock on what it compared:
//
//	record in the holder's transaction    takeover
//	----------------------------------    ------------------------------------
//	fence: for key share   ───────────▶   for update waits for that transaction
//	commit                 ───────────▶   goes on, and sees what was recorded
//	                                      epoch + 1, commit
//	fence: no row: ErrFenced ◀─────────
//
// So once Acquire has returned, whatever an earlier holder recorded has been
// committed and is in State, and nothing of it can come later. The fence is "for
// key share" because the change of a phase, an update of no key, then does not
// wait for the transactions of chunks, nor they for it.
//
// That is why a process may go on while it has no lock, and take it again: as long
// as the epoch is its own, nobody has read the state in between. Epochs are never
// used twice, not even by a migration of the same name that is made later. A target
// that comes back on another timeline may lack what was committed last, so that
// what the process remembers is no more true: then the lock is lost, too.
//
// What a crash leaves:
//
//   - before the epoch is raised: perhaps the schema, and a migration at its first
//     epoch or at its old one; nothing that the next Acquire does not do again.
//   - after it: a lease whose session is gone. State says so (Lease.Live), and
//     the next Acquire replaces it. The server drops the lock as soon as it sees
//     the connection closed; where the machine is gone without a word, TCP
//     keepalives tell it within about half a minute.
//   - between a record and the commit: neither, as they are one transaction.
//   - while a request is worked on: the request, unanswered; the next holder
//     gets it again. What serves requests must bear that.
//   - in Forget: all of the migration or none of it.
//
// A caller must not assume that Lost is noticed at once: it is within a
// heartbeat, or when an outage is over, and what is written in between is fenced
// by the epoch, on the server. Nor that Acquire works right after Lost: a server says goodbye to a
// session a moment before it drops its locks.
//
// It relies on one server session for the life of a Store, which is not what a
// pooler in transaction mode gives: Acquire finds that out and refuses.
package postgres
