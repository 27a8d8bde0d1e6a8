package replay

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// statement is SQL for one shape of change, prepared at its first use.
type statement struct {
	name string
	sql  string
}

// A change becomes one statement with its parameters, all in text form: the
// server gives each the type of its column.

// only is the table without those below it, unless these are a part of it.
func (r *relation) only() string { return r.Copy.Only() + r.Name.SQL() }

// insertion is the statement for an insert.
func (r *relation) insertion(into catalog.Name) string {
	if len(r.def.Columns) == 0 {
		return "insert into " + into.SQL() + " default values"
	}
	return fmt.Sprintf("insert into %s (%s) overriding system value values (%s)",
		into.SQL(), r.list(""), numbered(len(r.def.Columns)))
}

// deletion finds the row by its identity.
func (r *relation) deletion() string {
	return "delete from " + r.only() + " where " + r.where(1)
}

// modification sets the columns that mask marks with '1' and finds the row by
// its identity, whose parameters come after.
func (r *relation) modification(mask string) string {
	var sets []string
	for i, c := range r.def.Columns {
		if mask[i] == '1' {
			sets = append(sets, fmt.Sprintf("%s = $%d", catalog.Quote(c.Name), len(sets)+1))
		}
	}
	return fmt.Sprintf("update %s set %s where %s", r.only(), strings.Join(sets, ", "), r.where(len(sets)+1))
}

// replacement does what modification does for a row of which a column
// GENERATED ALWAYS AS IDENTITY changes: no UPDATE may set it, but an INSERT may.
func (r *relation) replacement(mask string) string {
	values := make([]string, len(r.def.Columns))
	n := 0
	for i, c := range r.def.Columns {
		if mask[i] == '1' {
			n++
			values[i] = fmt.Sprintf("$%d", n)
		} else {
			values[i] = "gone." + catalog.Quote(c.Name)
		}
	}
	return fmt.Sprintf("with gone as (delete from %s where %s returning *)\n"+
		"insert into %s (%s) overriding system value select %s from gone",
		r.only(), r.where(n+1), r.Name.SQL(), r.list(""), strings.Join(values, ", "))
}

// where is the condition that finds exactly one row, with parameters from $n.
func (r *relation) where(n int) string {
	if r.full() {
		return r.whereFull(n)
	}
	conditions := make([]string, len(r.identity))
	for i, column := range r.identity {
		t := r.typeOf(column)
		conditions[i] = t.is(catalog.Quote(r.def.Columns[column].Name), t.given(n+i))
	}
	return strings.Join(conditions, " and ")
}

// stamped says that a column holds what came with the row's last change: no later
// one says what that was.
func (r *relation) stamped(column int) bool { return r.values[column].Stamped() }

// whereFull finds one of the rows that equal the old one in every column.
func (r *relation) whereFull(n int) string {
	conditions := make([]string, 0, len(r.def.Columns)+1)
	for i, c := range r.def.Columns {
		if !r.stamped(i) {
			conditions = append(conditions, fmt.Sprintf(r.equality(i), catalog.Quote(c.Name), fmt.Sprintf("$%d", n)))
			n++
		}
	}
	if len(conditions) == 0 {
		conditions = append(conditions, "true")
	}
	if r.Copy.Routed != nil { // each partition has a row of its own at that place
		return fmt.Sprintf("(tableoid, ctid) = (select tableoid, ctid from %s where %s limit 1)", r.only(), strings.Join(conditions, " and "))
	}
	return fmt.Sprintf("ctid = (select ctid from %s where %s limit 1)", r.only(), strings.Join(conditions, " and "))
}

// equality is the condition, as a format, that a column (1) has the value of a
// parameter (2).
//
// Not every type has an equality (json, point), and equal values may differ (1.0
// and 1.00), so text is compared: by concat, which prints by the type's output
// function, as pgoutput does; a cast to text would not (boolean, character). Where
// it is certain that what is equal is the same, the type's equality is faster, and
// an index serves it: the server plans for the values at hand as long as that is
// cheaper, and knows then which one is null.
func (r *relation) equality(column int) string {
	const same = "(%[1]s = %[2]s or %[2]s is null and %[1]s is null)"
	if r.values[column] == nil {
		switch oid := r.def.Columns[column].TypeOID; {
		case printedOnce(oid):
			return same
		case oid == pgtype.TextOID || oid == pgtype.VarcharOID: // in some collations another text is equal
			return same + ` and %[1]s collate pg_catalog."C" is not distinct from %[2]s collate pg_catalog."C"`
		}
	}
	if r.foreign {
		// coalesce gives the parameter the column's type, whatever it is, so that
		// the target reads it and prints it in its own words.
		return "pg_catalog.concat(%[1]s) = pg_catalog.concat(coalesce(%[2]s, %[1]s)) and (%[1]s is not distinct from null) = (%[2]s is not distinct from null)"
	}
	return "(%[1]s is not distinct from null) = (%[2]s::pg_catalog.text is null) and pg_catalog.concat(%[1]s) = coalesce(%[2]s::pg_catalog.text, '')"
}

func (r *relation) list(prefix string) string {
	names := make([]string, len(r.def.Columns))
	for i, c := range r.def.Columns {
		names[i] = prefix + catalog.Quote(c.Name)
	}
	return strings.Join(names, ", ")
}

func numbered(n int) string {
	params := make([]string, n)
	for i := range params {
		params[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(params, ", ")
}

// values appends the parameters of a whole tuple.
func values(params [][]byte, t stream.Tuple) [][]byte {
	for _, v := range t {
		params = append(params, param(v))
	}
	return params
}

// masked appends the parameters of the columns that mask marks.
func masked(params [][]byte, t stream.Tuple, mask string) [][]byte {
	for i, v := range t {
		if mask[i] == '1' {
			params = append(params, param(v))
		}
	}
	return params
}

// param is a value as the wire takes it: nil is NULL, so an empty text is not.
func param(v stream.Value) []byte {
	if v.Kind == stream.Null {
		return nil
	}
	if v.Text == nil {
		return []byte{}
	}
	return v.Text
}

// identify appends the parameters of where, from the tuple that has them.
func (r *relation) identify(params [][]byte, t stream.Tuple) [][]byte {
	if r.full() {
		for i, v := range t {
			if !r.stamped(i) {
				params = append(params, param(v))
			}
		}
		return params
	}
	for _, i := range r.identity {
		params = append(params, param(t[i]))
	}
	return params
}
