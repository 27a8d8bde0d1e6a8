package replay

import (
	"context"
	_ "embed"
	"fmt"
	"hash/maphash"
	"slices"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// A footprint is what the changes of a job have in common with others that depend on
// them: hashes of the rows that they touch, by their identity, and of the values that
// they give to other unique columns. Where that cannot be told from the values, as
// they are printed, it is the table.

// claim is a key of which no two rows have the same values.
type claim struct {
	columns []int
	salt    uint64 // of the table and the key
	nulls   bool   // NULL is a value as others are
}

// unique are the unique indexes of a table on the target.
type unique struct {
	told bool // they are on columns, and equal values of these can be told by them
	keys []uniqueKey
}

type uniqueKey struct {
	columns []string
	nulls   bool // NULLS NOT DISTINCT
}

// claim finds what the changes of the relation can meet. sole: no other table of the
// source goes to this one.
func (r *relation) claim(t targetTable, sole bool) {
	r.whole, r.claims = true, nil
	r.table = maphash.String(seed, r.Name.SQL())
	if !sole || !t.unique.told {
		return
	}
	var claims []claim
	if r.identity != nil {
		claims = append(claims, claim{columns: r.identity})
	}
	for _, key := range t.unique.keys {
		own := claim{nulls: key.nulls}
		for _, name := range key.columns {
			own.columns = append(own.columns, r.index(name))
		}
		if !sameColumns(own.columns, r.identity) {
			claims = append(claims, own)
		}
	}
	for n := range claims {
		if !r.prints(claims[n].columns) {
			return
		}
		claims[n].salt = maphash.String(seed, fmt.Sprintf("%s %d", r.Name.SQL(), n))
	}
	r.whole, r.claims = false, claims
}

func sameColumns(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// prints says that equal values of these columns are printed alike by the source.
func (r *relation) prints(columns []int) bool {
	return !slices.ContainsFunc(columns, func(i int) bool {
		return i < 0 || r.values[i] != nil || !r.typeOf(i).printed(r.def.Columns[i])
	})
}

// printed says that values which the column takes for equal come as one text.
func (t columnType) printed(from stream.ColumnDef) bool {
	text := func(oid uint32) bool { return oid == pgtype.TextOID || oid == pgtype.VarcharOID }
	switch {
	case t.loose:
		return false
	case t.oid == pgtype.TextOID:
		return text(from.TypeOID)
	}
	return t.oid == from.TypeOID && t.typmod == from.Typmod && (text(t.oid) || printedOnce(t.oid))
}

// printedOnce says that equal values of a type have one text.
func printedOnce(oid uint32) bool {
	switch oid {
	case pgtype.BoolOID, pgtype.ByteaOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID,
		pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID, pgtype.UUIDOID:
		return true
	}
	return false
}

// trace finds the footprint. It says false where the job must not go beside others.
func (j *job) trace() bool {
	if j.traced {
		return j.beside
	}
	j.traced = true
	for i := range j.changes {
		c := &j.changes[i]
		if c.alone || c.single != nil {
			return false
		}
		var told bool
		if j.footprint, told = c.trace(j.footprint); !told {
			return false
		}
	}
	j.beside = true
	return true
}

// trace appends what a change touches. It says false where it gives a key a value of
// which it has only a part.
func (c *change) trace(footprint []uint64) ([]uint64, bool) {
	r := c.relation
	if r.whole {
		return append(footprint, r.table), true
	}
	for n, k := range r.claims {
		row := c.row
		if n == 0 && r.identity != nil {
			row = c.old
		} else if c.kind == stream.Delete {
			continue
		}
		hash, sent, null := k.hash(row)
		switch {
		case sent == 0 || null: // as it was; whatever others have
		case sent < len(k.columns):
			return footprint, false
		default:
			footprint = append(footprint, hash)
		}
	}
	return footprint, true
}

// hash is of a row's values in the key, as far as they were sent.
func (k *claim) hash(row stream.Tuple) (hash uint64, sent int, null bool) {
	hash = k.salt
	for _, i := range k.columns {
		v := row[i]
		if v.Kind != stream.Unchanged {
			hash = hash*31 + maphash.Bytes(seed, v.Text) + uint64(v.Kind)
			sent++
		}
		null = null || v.Kind == stream.Null && !k.nulls
	}
	return hash, sent, null
}

// memory is about what a job takes: what its messages take, and its own.
func (j *job) memory() int {
	return j.bytes + j.values*int(unsafe.Sizeof(stream.Value{})) + len(j.changes)*int(unsafe.Sizeof(change{})) + len(j.footprint)*tokenMemory
}

// tokenMemory is about what an element of a footprint takes with its place in a map.
const tokenMemory = 48

//go:embed unique.sql
var uniqueSQL string

// uniqueKeys reads what is unique in tables of the target.
func uniqueKeys(ctx context.Context, conn *pgx.Conn, tables []*Table) (map[catalog.Name]unique, error) {
	var schemas, names []string
	for _, t := range tables {
		schemas, names = append(schemas, t.Name.Schema), append(names, t.Name.Local)
	}
	rows, err := conn.Query(ctx, uniqueSQL, schemas, names)
	if err != nil {
		return nil, err
	}
	found := map[catalog.Name]unique{}
	var table catalog.Name
	var told bool
	var key uniqueKey
	_, err = pgx.ForEachRow(rows, []any{&table.Schema, &table.Local, &told, &key.columns, &key.nulls}, func() error {
		u, known := found[table]
		u.told = told && (u.told || !known)
		if key.columns != nil {
			u.keys = append(u.keys, uniqueKey{slices.Clone(key.columns), key.nulls})
		}
		found[table] = u
		return nil
	})
	return found, err
}
