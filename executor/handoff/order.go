package handoff

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Order compares two values of one type, both in the server's text form under
// the pinned settings, exactly as the type's default btree operator class does.
type Order func(a, b string) int

// OrderOf returns the order of a type by its format_type name. Text is ordered
// by bytes: the caller must know that the column's collation is "C".
func OrderOf(typeName string) (Order, error) {
	name, _, _ := strings.Cut(typeName, "(")
	switch name {
	case "smallint", "integer", "bigint":
		return compareIntegers, nil
	case "uuid", "bytea", "text", "character varying":
		// uuid and bytea print as lower-case hex of equal or growing length,
		// so that the order of the text is that of the bytes.
		return strings.Compare, nil
	case "date", "timestamp", "timestamp without time zone", "timestamp with time zone":
		return compareDates, nil
	}
	return nil, fmt.Errorf("values of type %s cannot be ordered outside the server", typeName)
}

func compareIntegers(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64) // the server's own text of an integer always parses
	y, _ := strconv.ParseInt(b, 10, 64)
	return cmp.Compare(x, y)
}

// compareDates orders ISO dates and timestamps: -infinity, BC backwards by
// year, AD by year, infinity. Within a year ISO text sorts as time does; all
// timestamps with time zone print in UTC.
func compareDates(a, b string) int {
	yearA, restA := splitDate(a)
	yearB, restB := splitDate(b)
	return cmp.Or(cmp.Compare(yearA, yearB), strings.Compare(restA, restB))
}

const beyondYears = 1 << 30 // no date type reaches year 300,000

func splitDate(s string) (year int, rest string) {
	switch s {
	case "-infinity":
		return -beyondYears, ""
	case "infinity":
		return beyondYears, ""
	}
	s, bc := strings.CutSuffix(s, " BC")
	digits, rest, _ := strings.Cut(s, "-")
	year, _ = strconv.Atoi(digits) // as above
	if bc {
		year = 1 - year // 1 BC is the year before 1 AD
	}
	// A fraction is printed without trailing zeros and a whole second without
	// any: "12:00:00+00" must sort before "12:00:00.5+00", and '+' < '.' it does.
	return year, rest
}
