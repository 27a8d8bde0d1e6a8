package executor_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/state"
)

// ten fills the source with what PostgreSQL 10 has.
func (m *move) ten(t *testing.T) {
	t.Helper()
	m.settings = [][2]string{{"extra_float_digits", "0"}} // before 12 a float has other digits
	sql, err := os.ReadFile("testdata/ten.sql")
	if err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, m.source, string(sql))
}

// PostgreSQL 10 and 11 are sources: every kind they have arrives, as pg_dump says
// of both sides.
func TestEveryKindOfAnOldMajorArrives(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range sandbox.OldMajors() {
		for _, to := range []int{15, majors[len(majors)-1]} { // of which pg_dump is, and the newest
			t.Run(fmt.Sprintf("%d to %d", major, to), func(t *testing.T) {
				t.Parallel()
				m := newMove(t, major, to)
				m.spec.Stages.Incremental = false
				m.spec.Owners, m.spec.Grants = true, true
				m.ten(t)
				m.everythingGoes(t)
				if there := dumpInOldWords(t, m.target); there != nil {
					if diff := cmp.Diff(dumpInOldWords(t, m.source), there); diff != "" {
						t.Errorf("pg_dump differs (-source +target):\n%s", diff)
					}
				}
			})
		}
	}
}

// dumpInOldWords is what pg_dump says, but for what only newer servers know.
func dumpInOldWords(t *testing.T, url string) []string {
	t.Helper()
	entries := sandbox.Dump(t, url, "--exclude-schema=sluice")
	for i, e := range entries {
		e = strings.ReplaceAll(e, "EXECUTE PROCEDURE", "EXECUTE FUNCTION") // from 11 on
		entries[i] = regexp.MustCompile(`(?m)^.*multirange_type_name.*\n`).ReplaceAllString(e, "")
	}
	return slices.DeleteFunc(entries, func(e string) bool { // from 15 on it belongs to the database's owner
		return strings.Contains(e, "Name: public; Type: SCHEMA;") || strings.Contains(e, "Name: SCHEMA public;") || strings.Contains(e, "Dumped from")
	})
}

// The whole way off them, with rows that change until the cutover; tables that
// are cut by their key, and a kill on the way.
func TestAnOldMajorIsLeft(t *testing.T) {
	t.Parallel()
	for _, major := range sandbox.OldMajors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, major, 0)}
			l.spec.LargeTable, l.chunkBytes = smallTable, smallChunk
			l.ten(t)
			l.begin(t, "", nil)
			stop := l.crowd(3,
				"insert into app.orders (customer, total, note) select 100 + 2 * (random() * 499)::int, 1, repeat('long ', 1000)",
				"update app.orders set total = total + 1 where id = (random() * 1000)::int",
				"delete from app.orders where id = (random() * 1000)::int",
				"update app.customers set name = name || '.', during = app.span(1, random() + 1) where id = 100 + 2 * (random() * 499)::int",
				"update app.events set n = n + 1 where at = date '2019-12-01' + (random() * 300)::int",
				"delete from app.events where at = date '2019-12-01' + (random() * 300)::int and what = 'b'",
				"update app.no_key set a = a + 1 where ctid = (select min(ctid) from app.no_key)",
				"update app.heir set extra = extra || '.' where id = 11 + (random() * 9)::int")
			l.verified(l.ctx, t)
			stop()
			l.same()
			if err := l.cutOver(l.ctx, t); err != nil {
				t.Fatal(err)
			}
			<-l.ended
			if l.err != nil || l.outcome != executor.CutOver {
				t.Fatal(l.outcome, l.err)
			}
			l.equal(t)
			floats := "select md5(string_agg(x, '' order by x)) from (select concat(float8send(f), float4send(g)) as x from app.no_key) as all_of_them"
			if diff := cmp.Diff(sandbox.Query(t, l.source, floats), sandbox.Query(t, l.target, floats)); diff != "" {
				t.Errorf("floats lost bits (-source +target):\n%s", diff)
			}
			if st := l.recorded(); st.Phase != state.CutOver {
				t.Errorf("the phase is %q", st.Phase)
			}
			l.nothingLeft(t)
		})
	}
}
