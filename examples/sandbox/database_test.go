package sandbox

import (
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func TestDatabaseCleanupDropsWhatIsInUse(t *testing.T) {
	t.Parallel()
	for _, major := range Majors() {
		s := Shared(t, major, "source")
		var name, slot string
		t.Run("with an active slot, a prepared transaction and a session", func(t *testing.T) {
			url := s.Database(t)
			name = Query(t, url, "select current_database()")[0]
			slot = "slot_of_" + name
			Query(t, url, "select pg_create_logical_replication_slot($1, 'pgoutput')", slot)
			Exec(t, url, "create table t (n int); create publication p for table t")
			Exec(t, url, "begin; insert into t values (1); prepare transaction 'left over'")
			streams(t, url, slot)
			if _, err := pgconn.Connect(t.Context(), url); err != nil { // left open
				t.Fatal(err)
			}
		})
		left := Query(t, s.URL("postgres"), `select 'slot ' || slot_name from pg_replication_slots where slot_name = $1
			union all select 'database ' || datname from pg_database where datname = $2`, slot, name)
		if len(left) > 0 {
			t.Errorf("PostgreSQL %d: %v is left", major, left)
		}
	}
}

// streams starts streaming from a slot and leaves the walsender there.
func streams(t *testing.T, url, slot string) {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), url+"&replication=database")
	if err != nil {
		t.Fatal(err)
	}
	conn.Frontend().SendQuery(&pgproto3.Query{
		String: "START_REPLICATION SLOT " + slot + " LOGICAL 0/0 (proto_version '1', publication_names 'p')",
	})
	if err := conn.Frontend().Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := conn.ReceiveMessage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.(*pgproto3.CopyBothResponse); ok {
			return
		}
	}
}

func TestSharedIsOneServerForMajorAndRole(t *testing.T) {
	t.Parallel()
	source, target := Shared(t, 0, "source"), Shared(t, 0, "target")
	if source == target {
		t.Error("source and target are one server")
	}
	if source != Shared(t, source.Major(), "source") {
		t.Error("the same major and role is another server")
	}
}

func TestQueryRowsAreText(t *testing.T) {
	t.Parallel()
	url := Shared(t, 0, "source").Database(t)
	got := Query(t, url, `select n, null, 1.50::numeric(5,2), '\x0aff'::bytea, true, array['a','b']
		from generate_series(1, $1::int) as n order by n`, 2)
	want := []string{`1|\N|1.50|\x0aff|t|{a,b}`, `2|\N|1.50|\x0aff|t|{a,b}`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSumsSeeRowsAndNotTheirOrder(t *testing.T) {
	t.Parallel()
	majors := Majors()
	old := Shared(t, majors[0], "source").Database(t)
	young := Shared(t, majors[len(majors)-1], "source").Database(t)
	// The column's name is the alias that sums.sql uses.
	const schema = `
		create schema sluice; create table sluice.state (n int);
		create table "T.1" (sluice_row int, f float8, at timestamptz, i interval, b bytea);
		create table nothing ();
		create table parts (n int) partition by range (n);
		create table part1 partition of parts for values from (0) to (10);
		create materialized view m as select 1 as one;
		create materialized view later as select 1 as one with no data;`
	Exec(t, old, schema+`insert into parts values (1), (1), (2);
		insert into "T.1" values (1, 0.1, '2024-02-29 12:00+02', '1 day', '\x00ff'), (2, null, null, null, null)`)
	Exec(t, young, schema+`insert into parts values (2), (1), (1);
		insert into "T.1" values (2, null, null, null, null), (1, 0.1, '2024-02-29 10:00+00', '1 day', '\x00ff')`)
	a, b := Sums(t, old), Sums(t, young)
	if !maps.Equal(a, b) {
		t.Errorf("the same rows: %v and %v", a, b)
	}
	if len(a) != 5 || a["public.later"] != "unpopulated" || a["public.nothing"] != "0:0" {
		t.Errorf("not the relations that hold rows: %v", a)
	}
	Exec(t, young, `delete from parts where ctid = (select ctid from parts where n = 1 limit 1); insert into parts values (2)`)
	if c := Sums(t, young); c["public.part1"] == a["public.part1"] || c["public.T.1"] != a["public.T.1"] {
		t.Errorf("before %v, after %v", a, c)
	}
}
