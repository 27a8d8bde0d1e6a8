package introspect

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// rowsTogether are kept in one piece of memory, so that none is copied when
// there are more.
const rowsTogether = 256

// collect reads all rows. The columns have the names of the row's fields, in
// snake case; a null is the field's zero value, or an empty list.
//
// A catalog has a million values, most of them null, short or the same as in the
// row before. So the fields are found once, and what comes again is not copied.
func collect[Row any](rows pgx.Rows) (chunks [][]Row, err error) {
	defer rows.Close()
	types := rows.Conn().TypeMap()
	var fields []field
	var last reflect.Value
	for rows.Next() {
		if fields == nil {
			if fields, err = fieldsOf[Row](rows.FieldDescriptions()); err != nil {
				return nil, err
			}
			last = reflect.ValueOf(new(Row)).Elem()
		}
		if n := len(chunks); n == 0 || len(chunks[n-1]) == rowsTogether {
			chunks = append(chunks, make([]Row, 0, rowsTogether))
		}
		chunk := &chunks[len(chunks)-1]
		*chunk = append(*chunk, *new(Row))
		row := reflect.ValueOf(&(*chunk)[len(*chunk)-1]).Elem()
		for i, value := range rows.RawValues() {
			if err := fields[i].set(row, last, value, types); err != nil {
				return nil, err
			}
		}
		last = row
	}
	return chunks, rows.Err()
}

// field is where the values of a column go.
type field struct {
	index  []int // as FieldByIndex takes it
	column pgconn.FieldDescription
}

// fieldsOf finds the field of each column. To each there is one, and to each
// field a column.
func fieldsOf[Row any](columns []pgconn.FieldDescription) ([]field, error) {
	row := reflect.TypeFor[Row]()
	fields := make([]field, len(columns))
	for i, column := range columns {
		name := strings.ReplaceAll(column.Name, "_", "")
		found, ok := row.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		if !ok {
			return nil, fmt.Errorf("%s has no field for column %s", row, column.Name)
		}
		fields[i] = field{found.Index, column}
	}
	if all := leaves(row); len(columns) != all {
		return nil, fmt.Errorf("%s has %d fields for %d columns", row, all, len(columns))
	}
	return fields, nil
}

// leaves counts the fields of a struct, those of embedded ones among them.
func leaves(of reflect.Type) (n int) {
	for _, f := range reflect.VisibleFields(of) {
		if !f.Anonymous {
			n++
		}
	}
	return n
}

// set gives the row's field a value.
func (f field) set(row, last reflect.Value, value []byte, types *pgtype.Map) error {
	into := row.FieldByIndex(f.index)
	switch kind := into.Kind(); {
	case value == nil && kind == reflect.Slice:
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	case value == nil:
	case kind == reflect.String:
		if before := last.FieldByIndex(f.index).String(); before == string(value) {
			into.SetString(before)
		} else {
			into.SetString(string(value))
		}
	case f.column.Format != pgx.BinaryFormatCode || kind == reflect.Pointer || kind == reflect.Slice:
		return types.Scan(f.column.DataTypeOID, f.column.Format, value, into.Addr().Interface())
	case kind == reflect.Bool:
		into.SetBool(value[0] != 0)
	case kind == reflect.Uint32:
		into.SetUint(uint64(binary.BigEndian.Uint32(value)))
	default:
		into.SetInt(integer(value))
	}
	return nil
}

// integer reads a smallint, integer or bigint.
func integer(value []byte) int64 {
	switch len(value) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(value)))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value)))
	}
	return int64(binary.BigEndian.Uint64(value))
}
