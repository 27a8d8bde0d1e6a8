package load

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluice/planner"
	"sluice/planner/catalog"
)

//go:embed look.sql
var lookSQL string

const beginSnapshot = "begin isolation level repeatable read read only"

// lockSQL comes before the first snapshot of the transaction is taken: LOCK TABLE
// does not take one.
func lockSQL(tables ...*table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = "only " + t.spec.From.SQL()
	}
	return "lock table " + strings.Join(names, ", ") + " in access share mode"
}

// seen is what a look at locked tables says.
type seen struct {
	snapshot string // pg_current_snapshot(): xmin:xmax:xip,…
	exported string // its name for other sessions, where that was asked for
	wal      string // where the source's WAL ended after the snapshot was taken

	BlockSize int64 `json:"block_size"`
	Version   int64 `json:"version"` // server_version_num
	Tables    []struct {
		Columns   string `json:"columns"`
		Published bool   `json:"published"`
		Bytes     int64  `json:"bytes"`
	} `json:"tables"`
}

// blocks is the length of the only table's file.
func (s *seen) blocks() int64 { return s.Tables[0].Bytes / s.BlockSize }

// look takes the transaction's snapshot and compares the tables, which are locked,
// with what the plan knows of them.
func (l *Loader) look(ctx context.Context, c *pair, export bool, tables ...*table) (found seen, err error) {
	type asked struct {
		Name        string `json:"name"`
		Publication string `json:"publication"`
	}
	ask := make([]asked, len(tables))
	for i, t := range tables {
		ask[i] = asked{t.spec.From.SQL(), t.publication}
	}
	names, err := json.Marshal(ask)
	if err != nil {
		return found, err
	}
	exported := "''"
	if export {
		exported = "pg_catalog.pg_export_snapshot()"
	}
	row, err := l.row(ctx, c, "select pg_catalog.txid_current_snapshot(), "+exported+", pg_catalog.pg_current_wal_insert_lsn(), ("+lookSQL+")", string(names))
	if err != nil {
		return found, err
	}
	found.snapshot, found.exported, found.wal = row[0], row[1], row[2]
	if err := json.Unmarshal([]byte(row[3]), &found); err != nil {
		return found, err
	}
	for i, t := range tables {
		switch is := found.Tables[i]; {
		case is.Columns != t.planned():
			return found, fmt.Errorf("%w (it has the columns %s)", ErrDrift, is.Columns)
		case t.publication != "" && !t.spec.Unlogged && !is.Published:
			return found, fmt.Errorf("%w (it is not in publication %s: another table had its name)", ErrDrift, t.publication)
		}
	}
	return found, nil
}

// planned are the source's columns as the plan saw them, those that are left out
// among them, in the form of look.sql.
func (t *table) planned() string {
	columns := slices.Clone(t.spec.Left)
	for _, c := range t.spec.Columns {
		if c.From == "" { // the target's alone
			continue
		}
		columns = append(columns, planner.LeftColumn{From: c.From, Type: c.Type, Number: c.Number})
	}
	slices.SortStableFunc(columns, func(a, b planner.LeftColumn) int { return int(a.Number) - int(b.Number) })
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = catalog.Quote(c.From) + " " + c.Type
	}
	return strings.Join(texts, ", ")
}
