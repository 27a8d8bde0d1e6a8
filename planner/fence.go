package planner

import (
	"fmt"

	"sluice/planner/catalog"
	"sluice/state"
)

// The fence has two parts, with the end of the sessions between them: new
// sessions are read only, then nobody who wrote before is left, then the tables
// refuse writes from whoever makes a session writable again. The other way
// round, the tables' locks would wait for the writers, and deadlock with them.

func (b *builder) readOnlySQL() []string {
	return []string{"alter database " + catalog.Quote(b.source.Server.Database) + " set default_transaction_read_only = on"}
}

// letWrite is for the session that undoes what is the default of all.
const letWrite = "set default_transaction_read_only = off"

// writableSQL undoes readOnlySQL. It must also work by hand in psql, one
// statement after the other, where read only is the default.
func (b *builder) writableSQL() []string {
	return []string{
		letWrite,
		"alter database " + catalog.Quote(b.source.Server.Database) + " reset default_transaction_read_only",
	}
}

// fenceSQL makes the tables refuse writes. It runs in one transaction, may run
// again, and waits for the writers that hold a lock on one of the tables.
//
// The triggers are ENABLE ALWAYS, so that no session can get around them by
// session_replication_role. A trigger of a partitioned table does not fire for
// statements that name a partition, nor the other way round: both get one.
func (b *builder) fenceSQL() []string {
	message := fmt.Sprintf("this database has moved: sluice has cut %s over to %s (database %s)",
		b.spec.Migration, b.spec.Target.Ref, b.target.Server.Database)
	body := "begin " + b.passes() + "raise exception using errcode = '25006', message = " + catalog.Literal(message) + "; end"
	sql := []string{
		"create schema if not exists " + catalog.Quote(ourSchema),
		"create or replace function " + b.fenceFunction() + " returns trigger language plpgsql as " + catalog.Literal(body),
	}
	for _, name := range b.fenced() {
		sql = append(sql,
			dropFence(name),
			fmt.Sprintf("create trigger %s before insert or update or delete or truncate on %s for each statement execute procedure %s",
				catalog.Quote(fenceTrigger), name.SQL(), b.fenceFunction()),
			fmt.Sprintf("alter table %s enable always trigger %s", name.SQL(), catalog.Quote(fenceTrigger)),
		)
	}
	return sql
}

// passes lets the sessions of the way back through, where there is one.
func (b *builder) passes() string {
	if !b.spec.Reverse {
		return ""
	}
	return fmt.Sprintf("if session_user = %s and pg_catalog.current_setting(%s, true) = %s then return null; end if; ",
		catalog.Literal(b.source.Server.User), catalog.Literal(PassSetting), catalog.Literal(BackSlot(b.slotName())))
}

// fenceFunction is the migration's own: others may have cut over other tables of the
// same database.
func (b *builder) fenceFunction() string {
	return catalog.Name{Schema: ourSchema, Local: b.slotName()}.SQL() + "()"
}

func dropFence(table catalog.Name) string {
	return "drop trigger if exists " + catalog.Quote(fenceTrigger) + " on " + table.SQL()
}

// unfenceSQL undoes fenceSQL. Function and schema stay where something else uses
// them: a trigger that could not be dropped, another migration's fence, or its state.
func (b *builder) unfenceSQL() []string {
	var sql []string
	for _, name := range b.fenced() {
		sql = append(sql, dropFence(name))
	}
	return append(sql,
		unless("dependent_objects_still_exist", "drop function if exists "+b.fenceFunction()),
		unless("dependent_objects_still_exist", "drop schema if exists "+catalog.Quote(ourSchema)),
	)
}

// liftSQL lets the application write again, at once: a trigger can be dropped only
// when nobody reads its table any more, but its function can be replaced at any time.
// A trigger that is read past here stays, and does nothing.
func (b *builder) liftSQL() []string {
	return append([]string{
		unless("invalid_schema_name", b.holeSQL()),
		"set lock_timeout = '200ms'",
	}, b.unfenceSQL()...)
}

// holeSQL lets every session through the fence's triggers.
func (b *builder) holeSQL() string {
	return "create or replace function " + b.fenceFunction() + " returns trigger language plpgsql as 'begin return null; end'"
}

// letAllWriteSQL lets the application write again; it waits for nobody, and can be a part
// of a transaction.
func (b *builder) letAllWriteSQL() []string {
	return append([]string{b.holeSQL()}, b.writableSQL()[1:]...)
}

// unless makes a statement that may fail in one way.
func unless(condition, statement string) string {
	return "do " + catalog.Literal("begin "+statement+"; exception when "+condition+" then null; end")
}

// liftFence takes down what a cutover has left that did not get to its end, or to its
// undoing. Whether the cutover is tried again is another matter.
func (b *builder) liftFence() {
	if b.done.Phase != state.CutOver {
		b.disarm(StageSchema)
	}
	id := database(b.source.Server.Database)
	var left []string
	for _, fence := range fenceIDs(id) {
		if b.done.Steps[fence] != (state.Step{}) {
			left = append(left, fence)
		}
	}
	if len(left) == 0 || b.done.Phase == state.CutOver {
		return
	}
	lift := b.add(Step{
		ID: "lift fence on " + id.String(), Stage: StageSchema, Side: Source, Action: Lift, Object: id,
		Note: []string{"left by a cutover that did not end"}, SQL: append(b.writableSQL(), b.liftSQL()...), Forgets: left,
	})
	for _, d := range b.drafts {
		if d != lift && d.Side == Source {
			d.after(lift)
		}
	}
}

// fenceIDs are the steps that put up a fence.
func fenceIDs(source catalog.ID) []string {
	return []string{stepID(Fence, source), stepID(Fence, source, "tables")}
}

// fenced are the tables that take no writes after the cutover: all that are
// selected, also those that hold no rows themselves or are not followed.
func (b *builder) fenced() (names []catalog.Name) {
	for i := range b.source.Objects {
		if o := &b.source.Objects[i]; o.ID.Kind == catalog.KindTable && b.chosen.Of(o).Taken {
			names = append(names, b.onSource(o).Qualified())
		}
	}
	return names
}

// terminateSQL ends the sessions that were on the source before the fence. Those
// of superusers only a superuser may end; the fence's triggers hold for them as
// well.
const terminateSQL = `select pg_catalog.pg_terminate_backend(a.pid)
  from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_roles r on r.oid = a.usesysid
 where a.datname = pg_catalog.current_database()
   and a.pid <> pg_catalog.pg_backend_pid()
   and a.backend_type = 'client backend'
   and a.application_name not like 'sluice%'
   and (not r.rolsuper or pg_catalog.current_setting('is_superuser') = 'on')
 order by a.pid`
