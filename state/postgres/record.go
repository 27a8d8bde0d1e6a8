package postgres

import (
	_ "embed"

	"sluice/planner/catalog"
	"sluice/state"
)

var (
	//go:embed sql/step.sql
	stepSQL string
	//go:embed sql/chunk.sql
	chunkSQL string
	//go:embed sql/restart.sql
	restartSQL string
	//go:embed sql/take_back.sql
	takeBackSQL string
	//go:embed sql/followed.sql
	followedSQL string
	//go:embed sql/quarantine.sql
	quarantineSQL string
	//go:embed sql/paused.sql
	pausedSQL string
	//go:embed sql/resumed.sql
	resumedSQL string
	//go:embed sql/timeline.sql
	timelineSQL string
	//go:embed sql/position.sql
	positionSQL string
	//go:embed sql/position_passed.sql
	positionPassedSQL string
	//go:embed sql/spool.sql
	spoolSQL string
	//go:embed sql/settle.sql
	settleSQL string
	//go:embed sql/source_end.sql
	sourceEndSQL string
	//go:embed sql/building.sql
	buildingSQL string
	//go:embed sql/certificate.sql
	certificateSQL string
)

// StepDone records that a step was done.
func (s *Store) StepDone(id, fingerprint string) state.Record {
	return s.StepsDone(state.Done{Step: id, Fingerprint: fingerprint})
}

// StepsDone records that steps were done.
func (s *Store) StepsDone(done ...state.Done) state.Record { return s.steps(state.StepDone, done) }

// StepIntent records that a step that cannot commit with its record is about to
// begin.
func (s *Store) StepIntent(id, fingerprint string) state.Record {
	return s.steps(state.StepIntent, []state.Done{{Step: id, Fingerprint: fingerprint}})
}

func (s *Store) steps(to state.StepState, done []state.Done) state.Record {
	return s.record(stepSQL, string(to),
		array(done, func(d state.Done) any { return d.Step }),
		array(done, func(d state.Done) any { return d.Fingerprint }),
		array(done, func(d state.Done) any { return digest(d.Step) }))
}

// Phase records what SetPhase does, in the transaction that brings the migration
// there.
func (s *Store) Phase(p state.Phase, reason string) state.Record {
	return s.record(phaseSQL, string(p), readable(reason), s.holder)
}

// ChunksDone records chunks, in the transaction that wrote their rows. One that
// is there already fails with unique_violation (23505).
func (s *Store) ChunksDone(chunks ...state.Chunk) state.Record {
	column := func(value func(c state.Chunk) any) any { return array(chunks, value) }
	return s.record(chunkSQL,
		column(func(c state.Chunk) any { return c.Schema }),
		column(func(c state.Chunk) any { return c.Table }),
		column(func(c state.Chunk) any { return number(int64(c.Number)) }),
		column(func(c state.Chunk) any { return optional(c.Low) }),
		column(func(c state.Chunk) any { return optional(c.High) }),
		column(func(c state.Chunk) any { return flag(c.ByKey) }),
		column(func(c state.Chunk) any { return c.Key }),
		column(func(c state.Chunk) any { return c.Snapshot }),
		column(func(c state.Chunk) any { return number(c.Rows) }),
		column(func(c state.Chunk) any { return number(c.Bytes) }))
}

// TableRestart records that the table's rows are gone: it removes its chunks,
// the record of the step that copies it, and its certificate. It belongs into
// the transaction that truncates the table.
func (s *Store) TableRestart(schema, table string) state.Record {
	// The ID that the plan gives the step.
	step := "copy " + catalog.ID{Kind: catalog.KindTable, Schema: schema, Name: table}.String()
	return s.record(restartSQL, schema, table, step, s.holder, digest(step))
}

// TakeBack records that what a step made is gone, so that it is not done any more.
func (s *Store) TakeBack(id string) state.Record {
	return s.record(takeBackSQL, id, s.holder, digest(id))
}

// Followed records that a table is followed from here on, or, where it has left,
// no more. It replaces an earlier record.
func (s *Store) Followed(f state.Followed) state.Record {
	return s.record(followedSQL, f.Schema, f.Table, f.FromSchema, f.FromTable, f.Digest, flag(f.Left))
}

// Quarantine records that a table's changes are passed over, from a transaction on
// that the position has not passed yet: the record comes before it does. Since and
// Passed are the server's and Position's.
func (s *Store) Quarantine(q state.Quarantined) state.Record {
	return s.record(quarantineSQL, q.Schema, q.Table, q.FromSchema, q.FromTable, lsn(q.LSN), flag(q.Paused),
		q.Operation, readable(q.Key), readable(q.Reason), s.holder)
}

// Paused records how far the changes of a table that is paused are applied, in the
// transaction that applied them. It hits no row where the table is not.
func (s *Store) Paused(schema, table string, to uint64) state.Record {
	return s.record(pausedSQL, schema, table, lsn(to))
}

// Resumed records that a paused table goes on with the others: what is behind the
// position is not applied to it, and all before is.
func (s *Store) Resumed(schema, table string) state.Record {
	return s.record(resumedSQL, schema, table, s.holder)
}

// Timeline records on which timeline the source's WAL is: whatever was read of it until
// now is on that one, or on those that it came from.
func (s *Store) Timeline(timeline int32) state.Record {
	return s.record(timelineSQL, number(int64(timeline)))
}

// Position records how far the changes are applied, in the transaction that
// applied them, and how many were passed over. Its numbers are absolute.
func (s *Store) Position(p state.Position) state.Record {
	args := []any{lsn(p.LSN), moment(p.CommitTime), number(p.Inserts), number(p.Updates), number(p.Deletes), number(p.Truncates)}
	if p.Passed == nil {
		return s.record(positionSQL, args...)
	}
	column := func(value func(state.Passed) any) any { return array(*p.Passed, value) }
	return s.record(positionPassedSQL, append(args,
		column(func(n state.Passed) any { return n.Schema }),
		column(func(n state.Passed) any { return n.Table }),
		column(func(n state.Passed) any { return number(n.Changes) }))...)
}

// Spool records where changes are kept, before the source may forget the first of
// them; and later how many.
func (s *Store) Spool(p state.Spool) state.Record {
	return s.record(spoolSQL, readable(p.Directory), number(p.Bytes), number(p.MaxBytes), lsn(p.From), lsn(p.To), readable(p.Full))
}

// Settle writes nothing: it waits for every transaction of this migration that
// has recorded something and is not finished. After a connection broke, nobody
// knows whether its commit went through; what is read after Settle says so.
func (s *Store) Settle() state.Record { return s.record(settleSQL) }

// SourceEnd records where the source's WAL ends, for people. It is no part of
// the position: the source goes on while a large batch is applied. It hits no
// row while one is committed.
func (s *Store) SourceEnd(end uint64) state.Record {
	return s.record(sourceEndSQL, lsn(end))
}

// Building records, for people, what is being built, all of it.
func (s *Store) Building(builds []state.Build) state.Record {
	return s.record(buildingSQL, document(builds))
}

// Certificate records what comparing a table found; it replaces an earlier one.
// A zero At is now.
func (s *Store) Certificate(c state.Certificate) state.Record {
	return s.record(certificateSQL, c.Schema, c.Table, number(c.Rows), c.Hash, lsn(c.LSN),
		moment(c.At), flag(c.Equal), readable(c.Detail), c.File)
}

// record is a statement whose first two arguments are address and epoch.
func (s *Store) record(sql string, args ...any) state.Record {
	return state.Record{SQL: sql, Args: append([]any{s.address, number(s.fence())}, args...)}
}

// fence is the epoch that records carry. Once the lock is lost or released it
// is -1, which no migration ever has: until another process raises the epoch,
// the server would still take ours.
func (s *Store) fence() int64 {
	select {
	case <-s.lost:
		return -1
	case <-s.released:
		return -1
	default:
		return s.epoch
	}
}
