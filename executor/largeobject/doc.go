// Package largeobject carries all large objects of a database to another one,
// under their OIDs, which is what the tables' rows refer to.
//
//	source: one snapshot
//	target: unlink what an earlier attempt has made
//	for each page of OIDs: for each batch of it, bounded in objects and bytes:
//	  begin; remember the OIDs; create; put the data, piece by piece;
//	  comments, owners, grants; commit
//	the caller's record and the end of what was remembered, in one transaction
//
// What is remembered is in a table of the target, whose rows commit together
// with the objects they name. So a crash at any line leaves objects that are
// known to be ours, and the next attempt begins by removing them: also those
// that the source has dropped since. An object that is on the target and not in
// that table is somebody else's: it is never touched, and where the source has
// one of the same OID the copy stops with ErrTaken. The caller must have looked
// for such OIDs when it planned, and must not run Copy again once Done is
// recorded.
//
// Large objects are not decoded: what the application writes into them after the
// snapshot is lost, so the copy belongs where it writes no more.
// https://www.postgresql.org/docs/current/logical-replication-restrictions.html
//
// No more than a piece of an object and a flush of pieces are in memory. Holes
// are not carried as zeros, but for those within a piece. The role that reads
// needs SELECT on each object, no more; that it has not is an error.
package largeobject
