// Package handoff decides which changes a loaded row already contains.
//
// The full load reads each chunk of a table under a snapshot S; the changes
// carry the id of the transaction that made them. A change belongs to the
// chunk of its row's key, and
//
//	visible(x, S) = x < xmin or (x < xmax and x not in xip)
//
// tells whether the chunk was read with it (skip) or without it (apply, and
// expect exactly one row). LSNs cannot tell: on PostgreSQL the order in which
// transactions become visible is not the order of their commit records
// (src/backend/storage/ipc/procarray.c, src/backend/access/transam/xact.c).
//
// The rule is exact only if every transaction that the slot does not stream
// was visible before the first snapshot was taken: that is the barrier of
// executor/slot. The package is pure and imports nothing of ours.
package handoff
