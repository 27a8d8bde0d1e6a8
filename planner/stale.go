package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
)

// Moved is something that a saved plan relies on and that is no longer so.
type Moved struct {
	Object catalog.ID
	Steps  []int // numbers in the saved plan; empty: the plan as a whole
	What   string
}

// Stale compares a saved plan with one made now from the same configuration. It
// says what moved of that which the saved plan touches; what else changed does
// not stand in its way. Sorted by object.
func Stale(saved, fresh *Plan) []Moved {
	c := comparison{saved: saved, fresh: fresh, touched: map[catalog.ID][]int{}}
	for _, s := range saved.Steps {
		for _, id := range append([]catalog.ID{s.Object}, s.Covers...) {
			c.touched[id] = append(c.touched[id], s.Number)
		}
	}
	c.endpoints()
	c.steps()
	c.right()
	c.conflicts()
	slices.SortStableFunc(c.moved, func(a, b Moved) int { return catalog.Compare(a.Object, b.Object) })
	return c.moved
}

type comparison struct {
	saved, fresh *Plan
	touched      map[catalog.ID][]int
	moved        []Moved
}

func (c *comparison) add(object catalog.ID, steps []int, what string) {
	c.moved = append(c.moved, Moved{Object: object, Steps: steps, What: what})
}

func (c *comparison) endpoints() {
	check := func(was, is Endpoint) {
		if was.SystemIdentifier != is.SystemIdentifier || was.Database != is.Database {
			c.add(database(is.Database), nil, fmt.Sprintf("%s is database %s of system %s, and was %s of system %s",
				is.Ref, is.Database, is.SystemIdentifier, was.Database, was.SystemIdentifier))
			return
		}
		if was.VersionNum != is.VersionNum {
			c.add(database(is.Database), nil, fmt.Sprintf("%s is PostgreSQL %s, and was %s", is.Ref, is.Version, was.Version))
		}
	}
	check(c.saved.Source, c.fresh.Source)
	check(c.saved.Target, c.fresh.Target)
	if c.saved.Origin != c.fresh.Origin {
		c.add(database(c.fresh.Target.Database), nil, map[bool]string{
			true:  "the role may not set session_replication_role any more",
			false: "the role may set session_replication_role by now",
		}[c.fresh.Origin])
	}
}

// steps compares each step of the saved plan with the fresh one's. An object is
// named once, with the first thing about it.
func (c *comparison) steps() {
	now := map[string]*Step{}
	for i := range c.fresh.Steps {
		now[c.fresh.Steps[i].ID] = &c.fresh.Steps[i]
	}
	said := map[catalog.ID]bool{}
	for i := range c.saved.Steps {
		was := &c.saved.Steps[i]
		if what := stepMoved(was, now[was.ID]); what != "" && !said[was.Object] {
			said[was.Object] = true
			c.add(was.Object, c.touched[was.Object], what)
		}
	}
}

// stepMoved says what differs between a step and the one of the same ID in the
// plan made now; empty: nothing.
func stepMoved(was, is *Step) string {
	switch {
	case is == nil:
		return fmt.Sprintf("%q is no longer to do: the object has gone, is not selected, or is on the target", was.ID)
	case was.Object.Kind == catalog.KindPublication, was.Action == SetSequences:
		return "" // they list what has steps of its own, and perhaps more by now
	case was.Fingerprint != is.Fingerprint:
		return "it changed on the source"
	case !slices.Equal(was.SQL, is.SQL), !slices.Equal(was.Undo, is.Undo):
		return fmt.Sprintf("the statements of %q are others now", was.ID)
	case !sameCopy(was.Copy, is.Copy):
		return "its rows would be copied in another way"
	}
	return ""
}

func sameExisting(a, b *Existing) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Mode == b.Mode && a.Full == b.Full && a.Changes == b.Changes && a.Unique == b.Unique && a.KeyMade == b.KeyMade && slices.Equal(a.Key, b.Key)
}

// right compares what the saved plan relies on finding on the target.
func (c *comparison) right() {
	for _, id := range c.saved.Right {
		if !slices.Contains(c.fresh.Right, id) {
			c.add(id, nil, "it is no longer on the target as on the source")
		}
	}
}

// conflicts names what now blocks a step of the saved plan, and did not.
func (c *comparison) conflicts() {
	for _, f := range c.fresh.Findings {
		same := func(g Finding) bool { return g.Code == f.Code && g.Object == f.Object }
		if steps := c.touched[f.Object]; f.Blocks() && len(steps) > 0 && !slices.ContainsFunc(c.saved.Findings, same) {
			c.add(f.Object, steps, f.Code+": "+f.Summary)
		}
	}
}
