// Package replay writes changes to the target, each exactly once.
//
//	for each transaction of the source, in commit order:
//	  before the position: skip            (it is on the target already)
//	  for each change:
//	    read with the load: skip           (executor/handoff)
//	    else into the job                  (job.go), which must touch exactly one row
//	  at the commit, when the target is free or the job is large:
//	    position + everything since the last one commit together (writer.go)
//
// While one job is written the next is collected. The changes of a job go by the
// set where their order does not matter (set.go), else one by one.
//
// Many transactions of the source go into one of the target, never a part of
// one. A crash at any point leaves the target at a commit of the source with
// the position of that commit; what is sent again is skipped by position. A large one
// may come before it is committed there: inprogress.go, and what must not wait for
// it: waiting.go.
//
// A statement that touches another number of rows than one is a Divergence: it
// ends the Applier, and nothing of its batch is kept. What comes of it is for its
// user (executor: diverging.go, quarantine.go): another Applier goes on up to before
// it, and further with Options.Quarantined alone, whose changes are passed over.
//
// A row that cannot be made yet, since a value of it was not sent and is no longer
// there to be read, keeps the batch open until a later change takes it away: owed.go.
//
// Only a table that others made, with row_incremental = "overwrite", bends that:
// existing.go.
//
// It relies on being the only writer of these tables. Triggers and foreign keys do not
// fire, since the source has fired them and sends what they did: for the role sets
// session_replication_role or, where it may not, since none are there.
package replay
