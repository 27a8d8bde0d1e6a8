// Package executor runs a plan: which steps are ready, start, record, stop.
//
// It decides nothing about what is done: a step's statements run as they stand
// in the plan. Each step is recorded when it is done and never runs again. On
// the target the record commits together with the work; what happens on the
// source is recorded as an intent first, and undone and done again when a crash
// leaves it open. Recovery is the normal code: a run begins by reading what is
// recorded.
//
//	run:     steps in parallel, as their dependencies allow,  (schedule.go)
//	         small ones several in one transaction            (ready.go)
//	         large indexes under settings of their own        (share.go)
//	         each by its action                               (steps.go)
//	         and how far what is being built is               (builds.go)
//	         the source may have failed over                  (timeline.go)
//	spool:   changes to disk, from the slot's beginning on    (spooling.go)
//	follow:  changes until a request, a stop or the cutover   (follow.go)
//	         a change that does not fit                       (diverging.go)
//	         its table stays behind, where declared           (quarantine.go)
//	         a table that changes on the source               (paused.go)
//	         verify   hold at a snapshot, compare, go on      (verifying.go)
//	         cutover  gate, fence, drain, …                   (cutover.go)
//	                  open, and what is left to do then       (opening.go)
//
// Where the target goes away, the run outlasts it for as long as is declared
// (outage.go), unless another process has taken the migration meanwhile.
//
// Requests (verify, cutover) come from other processes through the state and
// are served by the one that holds the migration; so are other settings
// (settings.go), whatever it is at.
package executor
