package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/state"
)

// The arguments of a record are text, each with a cast in its statement: they
// then mean the same in every protocol and in every mode of a driver.

func number(n int64) string { return strconv.FormatInt(n, 10) }

func flag(b bool) string { return strconv.FormatBool(b) }

func lsn(n uint64) string { return pglogrepl.LSN(n).String() }

// digest is what a step is found by: its ID may be too long for an index, and servers
// before 11 have no SHA-256.
func digest(step string) string {
	sum := sha256.Sum256([]byte(step))
	return `\x` + hex.EncodeToString(sum[:])
}

// moment is null for the zero time.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func optional(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// array is PostgreSQL's text of an array with a value, or null, for each of from.
func array[T any](from []T, value func(T) any) any {
	quoted := make([]string, len(from))
	for i, f := range from {
		quoted[i] = "null"
		if text, ok := value(f).(string); ok {
			quoted[i] = `"` + inArray.Replace(text) + `"`
		}
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

var inArray = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// readable makes text for people storable. It may quote what a server sent: a
// failure must not fail to be recorded because of a byte in its message.
func readable(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "�"), "�")
}

// document is JSON.
func document[T state.Settings | []state.Build](value T) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // numbers and texts
	}
	return string(text)
}
