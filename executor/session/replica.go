package session

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/planner/catalog"
)

// FiringError names what would fire for rows that sluice writes, in a session whose
// role may not keep it from that.
type FiringError struct{ What []string } // "trigger touch on public.orders"

// named is how many of them the error names.
const named = 5

func (e *FiringError) Error() string {
	what := e.What
	more := ""
	if len(what) > named {
		more = fmt.Sprintf(" and %d more", len(what)-named)
		what = what[:named]
	}
	return fmt.Sprintf("%s%s would do on the target what the source's have done already, and the role may not set session_replication_role: "+
		"disable or drop them until the cutover, or grant set on parameter session_replication_role (from 15 on), and run sluice apply again",
		strings.Join(what, ", "), more)
}

//go:embed firing.sql
var firingSQL string

// Replica keeps triggers, rules and foreign keys from firing for what the session
// writes. Where the role may not (origin), none may be on the tables: *FiringError.
func Replica(ctx context.Context, c *pgconn.PgConn, origin bool, tables []catalog.Name) error {
	if !origin {
		err := Exec(ctx, c, "set session_replication_role = replica")
		if said := new(pgconn.PgError); errors.As(err, &said) && said.Code == "42501" {
			err = fmt.Errorf("the role may not set session_replication_role any more, as the plan says it may: grant it again, or make the plan anew with sluice plan: %w", err)
		}
		return err
	}
	var schemas, names []string
	for _, t := range tables {
		schemas, names = append(schemas, t.Schema), append(names, t.Local)
	}
	result := c.ExecParams(ctx, firingSQL, [][]byte{[]byte(textArray(schemas)), []byte(textArray(names))}, nil, nil, nil).Read()
	if result.Err != nil {
		return fmt.Errorf("looking for triggers that would fire: %w", result.Err)
	}
	var what []string
	for _, row := range result.Rows {
		what = append(what, string(row[0]))
	}
	if len(what) > 0 {
		return &FiringError{what}
	}
	return nil
}

// textArray is a value of type text[].
func textArray(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}
