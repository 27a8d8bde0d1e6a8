package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"

	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// statusTable is what the state knows of one table.
type statusTable struct {
	Name         catalog.Name
	Chunks       int
	Loaded       bool // no chunk is missing
	Rows, Bytes  int64
	Verification string // verified, different, pending, in quarantine or paused
	Detail       string // what differs
}

// statusTables sums up chunks and certificates by table, in order of name.
func statusTables(s state.State) []statusTable {
	byName := map[catalog.Name]*statusTable{}
	at := func(schema, table string) *statusTable {
		name := catalog.Name{Schema: schema, Local: table}
		if byName[name] == nil {
			byName[name] = &statusTable{Name: name, Verification: "pending"}
		}
		return byName[name]
	}
	for _, c := range s.Chunks {
		t := at(c.Schema, c.Table)
		t.Chunks++
		t.Rows += c.Rows
		t.Bytes += c.Bytes
	}
	for _, c := range s.Certificates {
		t := at(c.Schema, c.Table)
		t.Verification, t.Detail = "verified", c.Detail
		if !c.Equal {
			t.Verification = "different"
		}
	}
	for _, q := range s.Quarantined {
		t := at(q.Schema, q.Table)
		if t.Verification, t.Detail = "in quarantine", ""; q.Paused {
			t.Verification = "paused"
		}
	}
	tables := make([]statusTable, 0, len(byName))
	for _, t := range byName {
		t.Loaded = s.Done(rowsStep(planner.Copy, t.Name)) || s.Done(rowsStep(planner.Adopt, t.Name))
		tables = append(tables, *t)
	}
	slices.SortFunc(tables, func(a, b statusTable) int {
		return cmp.Or(strings.Compare(a.Name.Schema, b.Name.Schema), strings.Compare(a.Name.Local, b.Name.Local))
	})
	return tables
}

// rowsStep is the ID of the step that loads a table, or takes it as it is.
func rowsStep(action planner.Action, table catalog.Name) string {
	id := catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Local}
	return string(action) + " " + id.String()
}

func tablesText(b *strings.Builder, s state.State) {
	tables := statusTables(s)
	if len(tables) == 0 {
		return
	}
	fmt.Fprintf(b, "  tables    %d\n", len(tables))
	rows := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, t := range tables {
		loaded := "loading"
		if t.Loaded {
			loaded = "loaded"
		}
		fmt.Fprintf(rows, "    %s\t%s\t%s rows\t%s\t%s\n",
			oneLine(t.Name.String()), loaded, comma(t.Rows), humanize.IBytes(uint64(max(t.Bytes, 0))),
			strings.TrimSpace(t.Verification+"  "+oneLine(t.Detail)))
	}
	rows.Flush() // into memory: no error
}
