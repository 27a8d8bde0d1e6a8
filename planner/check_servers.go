package planner

import (
	"fmt"

	"sluice/planner/catalog"
	"sluice/state"
)

// The oldest servers: publications came with 10, and what the target needs
// (generated columns among it) with 12.
const (
	oldestSource = 100000
	oldestTarget = 120000
)

// checkServers checks what concerns the two databases as a whole.
func (b *builder) checkServers() {
	b.checkVersions()
	b.checkNewer()
	b.checkSameDatabase()
	b.checkState()
	b.checkLocale()
	b.checkReplace()
	b.checkConnections()
	switch {
	case b.spec.Stages.Incremental:
		b.checkSlot()
		b.checkNewPartitions()
		b.checkDecoding()
		b.checkNames()
		b.checkWALKept()
		b.checkSpool()
		b.checkSequencesMove()
		b.checkLoadBelongs()
	case b.spec.Stages.Full:
		b.report(Finding{
			Code:    "W222",
			Object:  database(b.source.Server.Database),
			Summary: fmt.Sprintf("nothing follows the changes: writes on %s must rest from the start of the load on", b.spec.Source.Ref),
			Fix:     []string{`or stages = ["schema", "full", "incremental"]`},
			Place:   place(b.spec.Place),
		})
	}
}

func (b *builder) checkVersions() {
	check := func(d Declared, s catalog.Server, oldest int) {
		if s.Version >= oldest {
			return
		}
		b.report(Finding{
			Code:    "C111",
			Object:  database(s.Database),
			Summary: fmt.Sprintf("%s is PostgreSQL %s; it must be %d or later", d.Ref, s.VersionText, oldest/10000),
			Place:   place(d.Place),
		})
	}
	check(b.spec.Source, b.source.Server, oldestSource)
	check(b.spec.Target, b.target.Server, oldestTarget)
}

func (b *builder) checkSameDatabase() {
	if identify(b.source.Server) != identify(b.target.Server) {
		return
	}
	b.report(Finding{
		Code:    "C119",
		Object:  database(b.target.Server.Database),
		Summary: fmt.Sprintf("%s and %s are one database of one server", b.spec.Source.Ref, b.spec.Target.Ref),
		Fix:     []string{"point the target at another database"},
		Place:   place(b.spec.Target.Place),
	})
}

func identify(s catalog.Server) state.Server {
	return state.Server{SystemIdentifier: s.SystemIdentifier, Database: s.Database}
}

func (b *builder) checkState() {
	if !b.done.Exists() {
		return
	}
	check := func(d Declared, now catalog.Server, recorded state.Server) {
		if identify(now) == recorded {
			return
		}
		b.report(Finding{
			Code:   "C112",
			Object: database(now.Database),
			Summary: fmt.Sprintf("the state is of another database than %s: of %s (system %s), not %s (system %s)",
				d.Ref, recorded.Database, recorded.SystemIdentifier, now.Database, now.SystemIdentifier),
			Fix: []string{
				"point it back at the database it was",
				"or give the migration block another name",
			},
			Place: place(d.Place),
		})
	}
	check(b.spec.Source, b.source.Server, b.done.Source)
	check(b.spec.Target, b.target.Server, b.done.Target)
}

func (b *builder) checkLocale() {
	s, t := b.source.Server, b.target.Server
	differ := func(what, onSource, onTarget string) {
		if onSource == onTarget {
			return
		}
		f := Finding{
			Code:    "W213",
			Object:  database(t.Database),
			Summary: fmt.Sprintf("%s is %s on %s and %s on %s", what, onSource, b.spec.Source.Ref, onTarget, b.spec.Target.Ref),
			Place:   place(b.spec.Target.Place),
		}
		if onSource == "SQL_ASCII" {
			f.Detail = "In SQL_ASCII text is bytes of any encoding. They are taken for UTF-8, and a row with others is refused (SQLSTATE 22021), in the load and in the changes."
			f.Fix = []string{"create the target database with encoding SQL_ASCII, which takes them as they are", "or look for such rows on the source, and put them right, before"}
		}
		b.report(f)
	}
	differ("the encoding", s.Encoding, t.Encoding)
	differ("the collation", s.Collate, t.Collate)
	differ("the character type", s.Ctype, t.Ctype)
}

func (b *builder) checkSequencesMove() {
	step, _ := b.sequenceStep(StageFinish, "")
	if n := len(step.Sequences); n > 0 {
		b.report(Finding{
			Code:    "W220",
			Object:  database(b.source.Server.Database),
			Summary: "the values of " + plural(n, "sequence") + " move at cutover, and not before",
			Place:   place(b.spec.Place),
		})
	}
}

// checkLoadBelongs checks that changes without a full load continue one that
// was made under the same slot.
func (b *builder) checkLoadBelongs() {
	if b.spec.Stages.Full {
		return
	}
	var missing []catalog.ID
	for _, o := range b.followed() {
		if !b.done.Done(stepID(Copy, o.ID)) {
			missing = append(missing, o.ID)
		}
	}
	if len(missing) == 0 && b.done.Done(stepID(CreateSlot, slot(b.spec.Slot))) {
		return
	}
	b.report(Finding{
		Code:    "C123",
		Object:  database(b.source.Server.Database),
		Summary: "the changes would have no full load to apply to",
		Fix:     []string{`stages = ["schema", "full", "incremental"]`},
		Place:   place(b.spec.Place),
	})
}
