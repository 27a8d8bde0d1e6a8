// Package spool keeps changes on disk, so that the source may drop its WAL while
// the tables are still loaded and nothing can be applied.
//
//	slot ─▶ stream ─▶ Fill ─▶ segments ─▶ Reader ─▶ replay
//	          ▲        │ on the disk         │ committed on the target
//	          └────────┘ acknowledged        └─▶ segments are removed
//
// All changes pass through it, also once the target keeps up: one way has one set
// of crashes to survive, and what is a moment old is read from the page cache.
//
// A transaction is acknowledged once it is on the disk, whole; and only then it is
// read, so that the target never has what the spool could lose. Whatever ends the
// process, or breaks the connection, leaves at most the beginning of a transaction
// behind the last whole one: Rewind cuts that off, and the source sends it again.
//
// A segment is a file of records, each with a checksum: a header, the tables that
// were announced before, and whole transactions, of which the last may be large.
// So the changes can be read from the beginning of any segment, as from a new
// stream: pgoutput announces a table once a connection, and the announcement may
// have been in a segment that is removed by now. The Reader announces a table
// before its first change, as the server would.
//
// What happens when the space is used up: see full.go. What the caller has to do:
// to record that there is a spool before the first acknowledgement (Fill), and to
// compare what it has with the position of the target (Read) and with the slot's
// (End). Nothing but the spool has the changes in between.
package spool
