package planner

import (
	"fmt"
	"slices"
	"strconv"

	"sluice/planner/catalog"
)

// checkDecoding checks that a logical slot can be made and read.
func (b *builder) checkDecoding() {
	s := b.source.Server
	if s.InRecovery {
		b.reportDecoding("is a standby: a publication is made on the primary", "point the source at the primary")
	}
	if level := s.Settings["wal_level"]; level != "" && level != "logical" {
		fix := "alter system set wal_level = 'logical'"
		if onRDS(s) {
			fix = "in its parameter group: rds.logical_replication = 1"
		}
		b.reportDecoding("has wal_level = "+level, fix, "then restart the server")
	}
	needs := b.joining.name // beside the one that is there
	if needs == "" {
		needs = b.spec.Slot
	}
	if b.knows(stepID(CreateSlot, slot(needs))) {
		return // ours is one of those in use
	}
	if most, ok := setting(s, "max_replication_slots"); ok && s.SlotsUsed >= most {
		b.reportDecoding(fmt.Sprintf("has no free replication slot: all %d are in use", most),
			fmt.Sprintf("alter system set max_replication_slots = %d", most+4), "then restart the server")
	}
	if most, ok := setting(s, "max_wal_senders"); ok && s.SendersUsed >= most {
		b.reportDecoding(fmt.Sprintf("has no free WAL sender: all %d are in use", most),
			fmt.Sprintf("alter system set max_wal_senders = %d", most+4), "then restart the server")
	}
}

func (b *builder) reportDecoding(what string, fix ...string) {
	b.report(Finding{
		Code:    "C110",
		Object:  database(b.source.Server.Database),
		Summary: b.spec.Source.Ref + " " + what,
		Fix:     fix,
		Place:   place(b.spec.Source.Place),
	})
}

func setting(s catalog.Server, name string) (int, bool) {
	n, err := strconv.Atoi(s.Settings[name])
	return n, err == nil
}

func onRDS(s catalog.Server) bool {
	_, ok := s.Settings["rds.logical_replication"]
	return ok
}

// checkNames checks that nobody else has the slot's or the publication's name.
func (b *builder) checkNames() {
	taken := func(id catalog.ID, drop string) {
		b.report(Finding{
			Code:    "C118",
			Object:  id,
			Summary: fmt.Sprintf("%s has a %s %s that this migration did not make", b.spec.Source.Ref, id.Kind, id.Name),
			Fix:     []string{`another name: incremental { slot = "…" }`, "or, if nothing uses it: " + drop},
			Place:   place(b.spec.Place),
		})
	}
	for _, name := range []string{b.spec.Slot, b.joining.name} {
		id := slot(name)
		exists := slices.ContainsFunc(b.source.Server.Slots, func(s catalog.Slot) bool { return s.Name == name })
		if exists && !b.knows(stepID(CreateSlot, id)) {
			taken(id, "select pg_catalog.pg_drop_replication_slot("+catalog.Literal(name)+")")
		}
		if id := publication(name); b.related.Find(id) != nil { // ours is not in this catalog
			taken(id, dropPublication(name))
		}
	}
}

func (b *builder) checkWALKept() {
	kept := b.source.Server.Settings["max_slot_wal_keep_size"]
	if kept == "" || kept == "-1" {
		return
	}
	detail := ""
	if b.spec.Spool != "" {
		detail = "what is in the spool is not needed any more; while apply does not run, or the spool is full, the slot needs the rest"
	}
	b.report(Finding{
		Code:    "W207",
		Object:  database(b.source.Server.Database),
		Summary: fmt.Sprintf("max_slot_wal_keep_size is %s on %s: a slot that needs more is lost", kept, b.spec.Source.Ref),
		Detail:  detail,
		Place:   place(b.spec.Source.Place),
	})
}
