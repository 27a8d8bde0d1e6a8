package planner

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/state"
)

// Connections are those of a run on one side.
type Connections struct {
	Most int // that it has at once
	Free int // when the plan was made
}

// mostConnections is how many connections a run has at once at most, on each side.
func (b *builder) mostConnections(workers int) map[Side]int {
	most := map[Side]int{
		// Of a worker: what it copies from, and the snapshot of its table. Then who
		// looks for sessions that wait for us, and what a step reads besides.
		Source: 2*workers + 2,
		// Of a worker: what it copies to, and what it builds indexes with. Then the
		// state, who looks how far the indexes are, and the changes.
		Target: 2*workers + 3,
	}
	if b.spec.Stages.Incremental { // the changes, how far they are, and what flushes the WAL
		most[Source] += 3
	}
	if b.joining.join != nil { // the changes of tables that join, beside the others'
		most[Source]++
		most[Target]++
	}
	return most
}

// checkConnections says how many connections are free, and what it means where they
// are too few. What is done needs none.
func (b *builder) checkConnections() {
	toDo := func(d *draft) bool { return !b.done.Done(d.ID) && d.Action != Follow }
	if !b.spec.Stages.Full || b.done.Phase == state.CutOver || !slices.ContainsFunc(b.drafts, toDo) {
		return
	}
	workers := cmp.Or(b.spec.Settings.Workers, state.DefaultWorkers)
	b.plan.Connections = map[Side]Connections{}
	b.limit(Source, b.spec.Source, b.source.Server, workers)
	b.limit(Target, b.spec.Target, b.target.Server, workers)
}

func (b *builder) limit(side Side, d Declared, server catalog.Server, workers int) {
	if len(server.Limits) == 0 {
		return
	}
	free := func(l catalog.Limit) int { return max(l.Most-l.Used, 0) }
	least := slices.MinFunc(server.Limits, func(a, b catalog.Limit) int { return free(a) - free(b) })
	most := func(workers int) int { return b.mostConnections(workers)[side] }
	c := Connections{Most: most(workers), Free: free(least)}
	b.plan.Connections[side] = c
	if c.Most <= c.Free {
		return
	}
	f := Finding{
		Code:    "W260",
		Object:  database(server.Database),
		Summary: fmt.Sprintf("%s has %s free for %s, which use up to %d", d.Ref, plural(c.Free, "connection"), plural(workers, "worker"), c.Most),
		Detail:  fmt.Sprintf("%d of %d are in use by others (%s)", least.Used, least.Most, limits[least.Of]),
		Place:   place(d.Place),
	}
	for workers > 1 && most(workers) > c.Free {
		workers--
	}
	if most(workers) > c.Free {
		f.Code = "C160"
		f.Summary = fmt.Sprintf("%s has %s free, and a single worker uses up to %d", d.Ref, plural(c.Free, "connection"), most(1))
	} else {
		f.Fix = append(f.Fix, fmt.Sprintf("full { workers = %d }", workers))
	}
	f.Fix = append(f.Fix, "or end sessions there, or raise "+limits[least.Of])
	b.report(f)
}

// limits are what can be raised.
var limits = map[string]string{
	"max_connections": "max_connections",
	"role":            "the connection limit of the role",
	"database":        "the connection limit of the database",
}

// moves says that the finding is of what changes from one moment to the next, without
// anybody's edit: with others it is the same plan.
func (f Finding) moves() bool { return f.Code == "C160" || f.Code == "W252" || f.Code == "W260" }
