package replay

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

// A table that others made may hold rows that the source never had, and lack
// some that it has. With row_incremental = "overwrite" the source's row wins:
//
//	insert   replaces the row of its key
//	update   of a row that is not there inserts it; a row that is already there
//	         under the new key gives way
//	delete   of a row that is not there is done already
//
// One that is partitioned otherwise is written to as a whole: without ONLY, and a row
// without a key is one of a partition.
//
// With "error", and for every table that sluice made, a change hits exactly one
// row, or stops.

// wins says that the source's row wins.
func (r *relation) wins() bool {
	return r.Copy.Existing != nil && r.Copy.Existing.Changes == planner.RowOverwrite
}

// expectation is how many rows a statement may touch.
type expectation int

const (
	one expectation = iota
	atMostOne
	none
)

// met says whether a number of rows is as expected.
func (e expectation) met(rows int64) bool {
	switch e {
	case atMostOne:
		return rows <= 1
	case none:
		return rows == 0
	}
	return rows == 1
}

// upsert inserts a row, or replaces the one of its key.
func (a *Applier) upsert(r *relation, tuple stream.Tuple) {
	_, expect := r.onConflict()
	a.addSingle(r, single{expect: expect, shape: "I", sql: r.upsertion, params: values(nil, tuple)})
}

// upsertion is insertion for a row that may be there. The table has an alias,
// since one that is called excluded could not be told from the row that is refused.
func (r *relation) upsertion() string {
	if len(r.def.Columns) == 0 {
		return r.insertion(r.Name)
	}
	clause, _ := r.onConflict()
	return fmt.Sprintf("insert into %s as kept (%s) overriding system value values (%s)%s", r.Name.SQL(), r.list(""), numbered(len(r.def.Columns)), clause)
}

// onConflict is what makes an insert replace a row of the same key. Where the key
// is all there is, the row is the same already.
func (r *relation) onConflict() (clause string, expect expectation) {
	key := r.Copy.Existing.Key
	if len(key) == 0 {
		return "", one
	}
	var sets []string
	for _, c := range r.def.Columns {
		if name := catalog.Quote(c.Name); !slices.Contains(key, c.Name) {
			sets = append(sets, name+" = excluded."+name)
		}
	}
	clause = " on conflict (" + catalog.QuoteAll(key) + ") do "
	if len(sets) == 0 {
		return clause + "nothing", atMostOne
	}
	return clause + "update set " + strings.Join(sets, ", "), one
}

// overwrite applies an update. An unchanged value that was not sent is on the
// target as long as the row is; without it the row cannot be made.
func (a *Applier) overwrite(r *relation, m *stream.Message, old stream.Tuple, mask []byte, replace bool) {
	missing := ""
	if i := unchanged(m.New); i >= 0 {
		missing = r.def.Columns[i].Name
	}
	if replace && missing == "" { // no UPDATE sets the column
		a.deleteIfThere(r, old)
		a.upsert(r, m.New)
		return
	}
	if !bytes.ContainsRune(mask, '1') && missing == "" { // nothing to set, but perhaps to add
		a.upsert(r, m.New)
		return
	}
	if r.rekeyed(m, old) {
		a.deleteIfThere(r, m.New)
	}
	if missing != "" {
		a.updateRow(r, m, old, mask, replace, missing)
		return
	}
	shape := string(mask)
	_, expect := r.onConflict()
	a.addSingle(r, single{expect: expect, shape: "U" + shape, sql: func() string { return r.updateOrInsert(shape) }, params: r.identify(values(nil, m.New), old)})
}

// rekeyed says that the update moves the row to a key under which the target may
// have another one: on the source nobody has it at this point, since the key is
// checked row by row there.
func (r *relation) rekeyed(m *stream.Message, old stream.Tuple) bool {
	if !m.HasOld || r.full() || len(r.Copy.Existing.Key) != len(r.identity) {
		return false
	}
	moved := false
	for _, i := range r.identity {
		if !slices.Contains(r.Copy.Existing.Key, r.def.Columns[i].Name) {
			return false
		}
		moved = moved || !bytes.Equal(old[i].Text, m.New[i].Text)
	}
	return moved
}

// updateOrInsert sets the columns that mask marks, or inserts the row where there
// is none, and counts what it did. Its parameters are the whole row, then the
// identity.
func (r *relation) updateOrInsert(mask string) string {
	n := len(r.def.Columns)
	var sets []string
	for i, c := range r.def.Columns {
		if mask[i] == '1' {
			sets = append(sets, fmt.Sprintf("%s = $%d", catalog.Quote(c.Name), i+1))
		}
	}
	clause, _ := r.onConflict()
	return fmt.Sprintf("with changed as (update %s set %s where %s returning 1),\n"+
		"added as (insert into %s as kept (%s) overriding system value select %s where not exists (select from changed)%s returning 1)\n"+
		"select from changed union all select from added",
		r.only(), strings.Join(sets, ", "), r.where(n+1), r.Name.SQL(), r.list(""), numbered(n), clause)
}

// ours is the condition for rows that the open transaction of the target has
// written: they are the source's.
// https://www.postgresql.org/docs/current/ddl-system-columns.html
const ours = "pg_catalog.concat(xmin) = pg_catalog.concat(pg_catalog.txid_current() % 4294967296)"

// holdsNone checks, for a truncation on the source, that a table with rows of its
// own holds none of those that the source has emptied: nobody can tell them apart.
// What changes have just put there goes: a person cannot delete it first.
func (a *Applier) holdsNone(r *relation, where string) {
	a.addOnce("delete from "+r.only()+" where "+where+" and "+ours, r.Name)
	check := "select from " + r.only() + " where " + where + " limit 1"
	a.addSingle(r, single{expect: none, holds: where, sql: func() string { return check }})
}

// TruncatedError says that the source emptied a table to which its rows were
// appended.
type TruncatedError struct {
	Table catalog.Name
	LSN   pglogrepl.LSN // of the transaction: what was committed before it can be applied
	Rows  string        // SQL that deletes the rows in question
}

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("%s was truncated on the source at %s, and on the target nobody can tell the source's rows in it from its own; "+
		"once these are gone there, sluice apply goes on: %s", e.Table, e.LSN, e.Rows)
}

// MissingRowError says that an update found no row, and does not carry what it
// takes to insert it.
type MissingRowError struct {
	Table  catalog.Name
	Key    string
	Column string
	LSN    pglogrepl.LSN
}

func (e *MissingRowError) Error() string {
	return fmt.Sprintf("an update of %s (%s) at %s found no row on the target, and cannot insert it: the unchanged value of column %q was not sent; "+
		"insert the row by hand and sluice apply goes on, or set replica identity full on the source", e.Table, e.Key, e.LSN, e.Column)
}
