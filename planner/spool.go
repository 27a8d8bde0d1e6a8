package planner

import (
	"fmt"

	"sluice/planner/catalog"
)

// Spool says where changes are kept before they are applied.
type Spool struct {
	Directory string `json:"directory"` // on the machine where apply runs
	// MaxBytes may change while the migration runs, and is outside the ID.
	MaxBytes int64 `json:"max_bytes" cbor:"-"`
}

func spoolID(slot string) catalog.ID { return catalog.ID{Kind: kindSpool, Name: slot} }

// addSpool adds the step that makes the spool, before the first row is read: a
// directory that cannot be written to shows before the load. Tables that join later
// have none: their slot is for one load, and theirs alone.
func (b *builder) addSpool() {
	if b.spec.Spool == "" {
		return
	}
	b.plan.Spool = &Spool{Directory: b.spec.Spool, MaxBytes: b.spec.Settings.SpoolBytes}
	b.spool = b.add(Step{
		Stage:  StageLoad,
		Side:   Here,
		Action: CreateSpool,
		Object: spoolID(b.spec.Slot),
		Note:   []string{b.spec.Spool},
	})
	b.spool.after(b.slot)
}

// checkSpool checks that a spool that there is is declared: changes that are in it
// alone would be lost.
func (b *builder) checkSpool() {
	kept := b.done.Spool.Directory
	if kept == "" || b.spec.Spool != "" {
		return
	}
	b.report(Finding{
		Code:    "C156",
		Object:  spoolID(b.slotName()),
		Summary: fmt.Sprintf("changes are in the spool in %s, and none is declared", kept),
		Fix:     []string{fmt.Sprintf("incremental { spool { directory = %q … } }", kept)},
		Place:   place(b.spec.Place),
	})
}

// dropSpool removes the spool, once nothing fills it any more.
func (b *builder) dropSpool(slotGone *draft) {
	if b.done.Spool.Directory == "" {
		return
	}
	d := b.add(Step{Stage: StageCleanup, Side: Here, Action: DropSpool, Object: spoolID(b.slotName()), Note: []string{b.done.Spool.Directory}})
	d.after(slotGone)
}
