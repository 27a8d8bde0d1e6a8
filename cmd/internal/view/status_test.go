package view

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/planner"
	"sluice/state"
)

var statusNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func followed() state.State {
	return state.State{
		Address: "migration.shop", Lineage: "x", Phase: state.Following, PlanID: "sha256:1",
		Steps: map[string]state.Step{"a": {State: state.StepDone}, "copy table public.orders": {State: state.StepDone}, "copy table public.users": {State: state.StepDone}, "b": {State: state.StepIntent}},
		Chunks: []state.Chunk{
			{Schema: "public", Table: "orders", Rows: 1000, Bytes: 2048},
			{Schema: "public", Table: "orders", Number: 1, Rows: 500, Bytes: 1024},
			{Schema: "public", Table: "events", Rows: 7},
			{Schema: "public", Table: "users", Rows: 2},
		},
		Position: state.Position{LSN: 0x1000, SourceLSN: 0x3000, CommitTime: statusNow.Add(-5 * time.Second), Inserts: 3},
		Spool:    state.Spool{Directory: "/var/lib/sluice", Bytes: 3 << 20, MaxBytes: 1 << 30, From: 0x1000, To: 0x2800},
		Lease: state.Lease{
			Holder: "host 4711", Heartbeat: statusNow.Add(-2 * time.Second), Live: true,
			Builds: []state.Build{{
				Step: "create index public.orders_at", Schema: "public", Table: "orders", Phase: "writing the index",
				Unit: "rows", Done: 500, Total: 1500, Since: statusNow.Add(-time.Minute),
			}},
		},
		Certificates: []state.Certificate{
			{Schema: "public", Table: "orders", Equal: false, Detail: "1 row: id 7"},
		},
	}
}

func TestStatusText(t *testing.T) {
	var out bytes.Buffer
	err := Status(&out, []StatusOf{
		{Address: "migration.crm"},
		{Address: "migration.shop", State: followed()},
		{Address: "migration.web", Findings: []planner.Finding{{Code: "C116", Summary: "target.new: nothing listens", Fix: []string{"check it"}}}},
	}, statusNow)
	if err != nil {
		t.Fatal(err)
	}
	want := `migration.crm  planned
  nothing was applied yet: sluice plan shows what would be done

migration.shop  following
  process   host 4711 at work, heard of 2s ago
  lag       5s (8.0 KiB), applied up to 0/1000
  spool     3.0 MiB of 1.0 GiB in /var/lib/sluice, the changes from 0/1000 to 0/2800
  applied   3 inserts, 0 updates, 0 deletes, 0 truncates
  steps     3 done
  building  create index public.orders_at  of public.orders  writing the index  33 %  500 of 1,500 rows  for 1m 00s
  next      sluice verify compares both sides; sluice cutover switches over
  tables    3
    public.events  loading  7 rows      0 B      pending
    public.orders  loaded   1,500 rows  3.0 KiB  different  1 row: id 7
    public.users   loaded   2 rows      0 B      pending

migration.web  unknown
  ! C116  target.new: nothing listens
          check it
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestStatusJSONHasTheWordsOfTheText(t *testing.T) {
	var out bytes.Buffer
	if err := StatusJSON(&out, []StatusOf{{Address: "migration.crm"}, {Address: "migration.shop", State: followed()}}, statusNow); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"migrations":[{"address":"migration.crm","state":"planned"`, `"state":"following"`, `"tables":[]`, `"findings":[]`,
		`"lag":{"applied_lsn":"0/1000","source_lsn":"0/3000","commit_time":"2026-03-01T11:59:55Z","bytes":8192,"seconds":5}`,
		`"spool":{"directory":"/var/lib/sluice","bytes":3145728,"max_bytes":1073741824,"from_lsn":"0/1000","to_lsn":"0/2800"}`,
		`"live":true`, `"verification":"different"`,
		`"builds":[{"step":"create index public.orders_at","schema":"public","table":"orders","phase":"writing the index","unit":"rows","done":500,"total":1500,"since":"2026-03-01T11:59:00Z"}]`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestATableInQuarantineIsSaid(t *testing.T) {
	var out bytes.Buffer
	s := followed()
	s.Certificates[0].Equal = true
	s.Quarantined = []state.Quarantined{{
		Schema: "public", Table: "orders", FromSchema: "old", FromTable: "Orders", LSN: 0x1800, Operation: "insert", Key: "id=7",
		Reason: "ERROR: no\nroom", Since: statusNow.Add(-5 * time.Minute), Passed: 12_000,
	}}
	of := []StatusOf{{Address: "migration.shop", State: s}}
	if err := Status(&out, of, statusNow); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  quarantine public.orders since 5m 00s ago, from 0/1800 on: 12,000 changes passed over; insert (id=7): ERROR: no room\n",
		"  next      put right what is in the way; then sluice apply -replace old.Orders loads what is in quarantine again\n",
		"public.orders  loaded   1,500 rows  3.0 KiB  in quarantine\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := StatusJSON(&out, of, statusNow); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"quarantined":[{"schema":"public","table":"orders","lsn":"0/1800","operation":"insert","key":"id=7","reason":"ERROR: no\nroom","since":"2026-03-01T11:55:00Z","changes_passed_over":12000}]`,
		`"verification":"in quarantine"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

func TestAPausedTableIsSaid(t *testing.T) {
	for directory, keeps := range map[string]string{"": "the source keeps its WAL", "/spool": "the spool keeps all"} {
		s := followed()
		s.Spool.Directory = directory
		s.Quarantined = []state.Quarantined{{
			Schema: "public", Table: "orders", FromSchema: "old", FromTable: "Orders", LSN: 0x1800, Paused: true,
			Reason: `column "x" is new`, Since: statusNow.Add(-5 * time.Minute), Passed: 12_000,
		}}
		of := []StatusOf{{Address: "migration.shop", State: s}}
		var text, object bytes.Buffer
		if err := errors.Join(Status(&text, of, statusNow), StatusJSON(&object, of, statusNow)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"  paused    public.orders since 5m 00s ago, from 0/1800 on: 12,000 changes wait, and " + keeps + ` from there on; column "x" is new` + "\n",
			"  next      sluice plan says how what is paused goes on; then sluice apply\n",
			"public.orders  loaded   1,500 rows  3.0 KiB  paused\n",
			`"quarantined":[{"schema":"public","table":"orders","lsn":"0/1800","paused":true,"reason":"column \"x\" is new","since":"2026-03-01T11:55:00Z","changes_passed_over":12000}]`,
			`"verification":"paused"`,
		} {
			if !strings.Contains(text.String()+object.String(), want) {
				t.Errorf("no %q in\n%s%s", want, text.String(), object.String())
			}
		}
	}
}

func TestAFullSpoolIsSaid(t *testing.T) {
	var out bytes.Buffer
	s := followed()
	s.Spool.Full = "no space\nleft"
	if err := Status(&out, []StatusOf{{Address: "migration.shop", State: s}}, statusNow); err != nil {
		t.Fatal(err)
	}
	if want := "to 0/2800; full, the source keeps its WAL: no space left\n"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in %s", want, out.String())
	}
	if got, want := spoolText(3<<20, 1<<30, "no space"), "spool 3.0 MiB of 1.0 GiB (full, the source keeps its WAL)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnIdleSourceHasNoLag(t *testing.T) {
	p := state.Position{LSN: 100, SourceLSN: 100, CommitTime: statusNow.Add(-time.Hour)}
	if bytes, seconds := lag(p, statusNow); bytes != 0 || seconds != 0 {
		t.Errorf("lag is %d bytes, %s", bytes, seconds)
	}
}

func TestNextSaysWhoGoesOn(t *testing.T) {
	s := followed()
	s.Lease.Live = false
	if got := next(StatusOf{State: s}); got != "sluice apply goes on from here" {
		t.Errorf("a process that is gone: %s", got)
	}
	if got := building(s); got != nil {
		t.Errorf("a process that is gone builds %+v", got)
	}
	s.Phase = state.CutOver
	if got := next(StatusOf{State: s}); !strings.Contains(got, "sluice cleanup") {
		t.Errorf("after the cutover: %s", got)
	}
	s.Steps["alter foreign key public.orders.orders_user_id_fkey validated"] = state.Step{State: state.StepIntent}
	if got := next(StatusOf{State: s}); !strings.Contains(got, "sluice apply checks the rows of 1 foreign key there") {
		t.Errorf("after the cutover, with a key to check: %s", got)
	}
	s.Lease.Live = true
	if got := next(StatusOf{State: s}); !strings.Contains(got, "meanwhile the rows of 1 foreign key are checked") {
		t.Errorf("while a key is checked: %s", got)
	}
}
