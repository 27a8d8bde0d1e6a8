package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
)

// A table to which rows are appended may hold rows of its own. Which row counts
// where a key is on both sides is the target's to find out:
//
//	within the chunk's transaction
//	  create a temporary table with the columns that travel
//	  COPY into it
//	  insert … select … on conflict, as row_full says
//	  rows + record commit, the temporary table goes
//
// A table without any unique key has no conflict, and neither has one where a
// conflict is to be an error: these take plain COPY.
//
// Nobody can tell afterwards which rows were the table's own. So a load is never
// started over: without ranges of keys the table is one chunk, of which a crash
// leaves nothing.

// staged is the temporary table.
const staged = "pg_temp.sluice_rows"

// foreign says that the table may hold rows of its own.
func (t *table) foreign() bool { return t.spec.Existing.Foreign() }

// whole says that a load of it is never started over: nobody can tell afterwards
// which of the rows on the target are this table's.
func (t *table) whole() bool { return t.foreign() || t.spec.Routed != nil }

// stages says that rows go through the temporary table.
func (t *table) stages() bool {
	return t.foreign() && t.spec.Existing.Unique && t.spec.Existing.Full != planner.RowError
}

// carry copies the chunk's rows within the target's transaction.
func (t *table) carry(ctx context.Context, c *pair, p *part, count func(int)) (err error) {
	if err := t.Queries.Take(ctx, 1); err != nil {
		return err
	}
	if !t.stages() {
		var options []string
		if p.frozen {
			options = []string{"freeze"}
		}
		p.Rows, err = c.pipe(ctx, t.out(p), t.in(t.into.SQL(), options...), t.Flow, count)
		return t.taken(err)
	}
	if err := session.Exec(ctx, c.target, t.stageSQL()); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if p.Rows, err = c.pipe(ctx, t.out(p), t.in(staged), t.Flow, count); err != nil {
		return err
	}
	if err := t.apart(ctx, c); err != nil {
		return err
	}
	written, err := affected(ctx, c.target, t.mergeSQL())
	if err != nil {
		return t.taken(fmt.Errorf("target: %w", err))
	}
	p.stayed = p.Rows - written
	return nil
}

// apart checks that values have not given two rows one key: to ON CONFLICT the
// second of them would be a row that was there. Both are in one chunk, since its
// ranges are of what is not computed.
func (t *table) apart(ctx context.Context, c *pair) error {
	key := t.spec.Existing.Key
	computed := func(c planner.CopyColumn) bool { return c.Value != nil && slices.Contains(key, c.Name) }
	if !slices.ContainsFunc(t.spec.Columns, computed) {
		return nil
	}
	row, err := session.Row(ctx, c.target, fmt.Sprintf(
		"select pg_catalog.count(*), pg_catalog.min(k) from (select pg_catalog.concat(row(%[1]s)) as k from %[2]s group by %[1]s having pg_catalog.count(*) > 1) as twice",
		catalog.QuoteAll(key), staged))
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if row[0] == "0" {
		return nil
	}
	return &SameKeyError{Table: t.name, Key: catalog.QuoteAll(key), Value: row[1]}
}

// SameKeyError says that values give rows of the source one key on the target.
type SameKeyError struct {
	Table      catalog.Name
	Key, Value string
}

func (e *SameKeyError) Error() string {
	return fmt.Sprintf("several rows of the source get the key (%s)=%s on the target, of which one alone would be there; "+
		"declare a value that tells them apart", e.Key, e.Value)
}

func (t *table) stageSQL() string {
	return "create temporary table " + staged + " on commit drop as select " + t.columns(onTarget) + " from " + t.spec.Only() + t.into.SQL() + " with no data"
}

// onTarget is a column as the temporary table has it, too.
func onTarget(c planner.CopyColumn) string { return c.Name }

// mergeSQL moves the rows on. Where a column is part of the key there is nothing
// to set in it; with no other column the row that is there is the same.
func (t *table) mergeSQL() string {
	sql := fmt.Sprintf("insert into %s as kept (%s) overriding system value select %s from %s on conflict ", t.into.SQL(), t.columns(onTarget), t.columns(onTarget), staged)
	key := t.spec.Existing.Key
	var sets []string
	for _, c := range t.spec.Columns {
		if name := catalog.Quote(c.Name); !slices.Contains(key, c.Name) {
			sets = append(sets, name+" = excluded."+name)
		}
	}
	if t.spec.Existing.Full != planner.RowOverwrite {
		return sql + "do nothing"
	}
	if len(sets) == 0 {
		return sql + "(" + catalog.QuoteAll(key) + ") do nothing"
	}
	return sql + "(" + catalog.QuoteAll(key) + ") do update set " + strings.Join(sets, ", ")
}

// affected runs one statement and says how many rows it touched.
func affected(ctx context.Context, c *pgconn.PgConn, sql string) (int64, error) {
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		return 0, err
	}
	return results[len(results)-1].CommandTag.RowsAffected(), nil
}

// RowExistsError says that a row of the source meets one on the target that has
// the same key, and that this is not to be.
type RowExistsError struct {
	Table      catalog.Name
	Constraint string
	Key        string // as the server says it: Key (id)=(1) already exists.
	Rule       planner.RowRule
	Err        error
}

func (e *RowExistsError) Error() string {
	fix := `row_full = "keep_target" leaves it as it is, "overwrite" replaces it`
	if e.Rule == planner.RowOverwrite {
		fix = `row_full = "overwrite" replaces by the key that both sides have, and this is another one; change the row on one side`
	}
	return fmt.Sprintf("%s has such a row on the target already: %s (%s); %s", e.Table, e.Key, e.Constraint, fix)
}

func (e *RowExistsError) Unwrap() error { return e.Err }

// taken names the key where a unique or exclusion constraint of an existing table
// refuses a row.
func (t *table) taken(err error) error {
	said := new(pgconn.PgError)
	if !t.foreign() || !errors.As(err, &said) || said.Code != "23505" && said.Code != "23P01" {
		return err
	}
	return &RowExistsError{Table: t.into, Constraint: said.ConstraintName, Key: said.Detail, Rule: t.spec.Existing.Full, Err: err}
}

// errOtherCut says that a table was begun in ranges of keys and would now be read
// whole: its rows would come twice.
var errOtherCut = errors.New("a part of its rows was appended in ranges of keys, which is no longer possible (a unique key was added on the target?); undo that change, or start over: sluice cleanup, then sluice apply")

// mustBeEmpty says that rows on the target would be taken for the load's own.
func (t *table) mustBeEmpty() bool {
	if t.spec.Existing != nil {
		return !t.whole()
	}
	return t.Existing
}
