package planner

import "sluice/planner/catalog"

// finishLast lets those steps wait that concern objects beside their own:
// publications for the tables and their replica identities, default privileges
// for all that would be created with them, event triggers for everything, since
// they fire for our statements too.
func (b *builder) finishLast() {
	drafts := b.drafts
	for _, o := range b.created() {
		kind := o.ID.Kind
		if kind != catalog.KindPublication && kind != catalog.KindDefaultACL && kind != catalog.KindEventTrigger {
			continue
		}
		d := b.creates[o]
		for _, earlier := range drafts {
			if waitsFor(kind, earlier) {
				d.after(earlier)
			}
		}
	}
}

func waitsFor(kind catalog.Kind, earlier *draft) bool {
	switch kind {
	case catalog.KindPublication:
		return earlier.Side == Target && earlier.Object.Kind == catalog.KindTable && (earlier.Action == Create || earlier.Action == Alter)
	case catalog.KindDefaultACL:
		return earlier.Side == Target && earlier.Action == Create && earlier.Object.Kind != kind && earlier.Object.Kind != catalog.KindEventTrigger
	case catalog.KindEventTrigger:
		return earlier.Object.Kind != kind
	}
	return false
}
