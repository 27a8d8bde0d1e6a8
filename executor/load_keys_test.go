package executor_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
)

// Promise 22: rows arrive once, however their keys are ordered, with writes between
// any two chunks. A table is cut into ranges of its key only where the client orders
// the keys as the server does.
func TestKeysInAnyCollation(t *testing.T) {
	t.Parallel()
	const inRanges, underOne = planner.ChunkSnapshots, planner.TableSnapshot
	for name, c := range map[string]struct {
		mode    planner.CopyMode
		columns string // of the key, and its constraints
		row     string // their values in row i
		script  string // of each chunk, beside what is run for every table; $n is its number
		index   string // one more
	}{
		"numbers in text by their value": {underOne, "k text collate public.by_number primary key", "'k' || i",
			"update public.t set k = 'z' || k where v % 41 = $n", ""},
		"upper case first": {underOne, "k varchar(40) collate public.upper_first primary key", "case i % 2 when 0 then 'É' else 'é' end || i",
			"update public.t set k = upper(k) where v % 41 = $n", ""},
		"case is no difference": {underOne, "k text collate public.any_case primary key", "md5(i::text)",
			`update public.t set k = upper(k) where v % 41 = $n; begin; update public.t set k = initcap(k) where v % 41 = $n + 1; update public.t set k = 'Z' || k where v % 41 = $n + 2; commit;
			 begin; delete from public.t where v = 10 * $n; insert into public.t values (upper(md5((10 * $n)::text)), 10 * $n); commit`, ""},
		"the C library's": {underOne, "k text collate public.libc primary key", "case i % 3 when 0 then 'Z' when 1 then 'ä' else 'a-' end || i",
			"update public.t set k = '-' || k where v % 41 = $n", ""},
		"bytes": {inRanges, `k text collate "C" primary key`, "case i % 3 when 0 then 'Z' when 1 then 'ä' else 'a-' end || i",
			"update public.t set k = reverse(k) where v % 41 = $n", ""},
		"a domain over bytes": {inRanges, "k public.code primary key", "md5(i::text)",
			"update public.t set k = reverse(k) where v % 41 = $n", ""},
		"a domain over a domain over numbers": {inRanges, "k public.number primary key", "i * 7 % 20011",
			"update public.t set k = -k where v % 41 = $n", ""},
		"several, first bytes": {inRanges, `a text collate "C", b text collate public.by_number, c int, primary key (a, b, c)`, "'a' || i % 50, 'b' || i / 50, i % 2",
			"update public.t set a = 'a' || v * 7 % 60, c = c + 10 where v % 41 = $n", ""},
		"several, in another order than the columns": {inRanges, "a text collate public.upper_first, b int, c uuid, primary key (b, c, a)", "md5(i::text), i % 40, md5(i::text)::uuid",
			"update public.t set b = (b + 11) % 40 where v % 41 = $n; update public.t set a = upper(a) where v % 41 = $n + 1", ""},
		"several, first not bytes": {underOne, `a text collate public.by_number, b text collate "C", primary key (a, b)`, "'a' || i % 50, i",
			"update public.t set a = 'b' || v % 7 where v % 41 = $n", ""},
		"numbers, and a falling index": {inRanges, "k int primary key", "i",
			"update public.t set k = -k where v % 41 = $n", "create index on public.t (k desc, v desc nulls last)"},
		"a falling index for an identity": {underOne, "k int not null, l text collate public.by_number not null", "i, 'l' || i",
			"update public.t set k = -k where v % 41 = $n", "create unique index falling on public.t (k desc, l desc); alter table public.t replica identity using index falling"},
		"unique values that change hands, and NULLs": {inRanges, "k int primary key, u int, n int, unique (u), unique (u, n)", "i, case i % 3 when 0 then i end, nullif(i % 2, 0)",
			`update public.t set u = case when u is null then k else null end where v % 41 = $n;
			 begin; update public.t set u = null where k = 3; update public.t set u = 3 where k = 4; commit;
			 begin; update public.t set u = null where k = 4; update public.t set u = 3 where k = 3; commit`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			l.chunkBytes, l.spec.LargeTable = 128<<10, 1
			for _, missing := range collations(t, l.source) {
				if strings.Contains(c.columns, missing) {
					t.Skipf("the server has nothing for %s", missing)
				}
			}
			fill := func(from, to int) string {
				return fmt.Sprintf("insert into public.t select %s, i from generate_series(%d, %d) i on conflict do nothing; ", c.row, from, to)
			}
			var one sync.Mutex // guards chunks, and keeps two scripts from waiting for each other's rows
			chunks := 0
			l.begin(t, "create table public.t ("+c.columns+", v int, filler text default repeat('f', 150)); "+c.index+"; "+fill(1, 8000), func(r *executor.Run) {
				for _, s := range r.Plan.Steps {
					if s.Action == planner.Copy && s.Object.Name == "t" && s.Copy.Mode != c.mode {
						t.Errorf("the table is read in mode %q, want %q", s.Copy.Mode, c.mode)
					}
				}
				r.Settings.Workers = 2
				r.Point = func(point string) {
					if point != "load: after a chunk has committed" {
						return
					}
					one.Lock()
					defer one.Unlock()
					chunks++
					l.beside(fmt.Sprintf("begin; delete from public.t where v %% 89 = %[1]d; update public.t set filler = 'n' || %[1]d where v %% 83 = %[1]d; commit; ", chunks) + fill(8000+10*chunks, 8005+10*chunks))
					l.beside(strings.ReplaceAll(c.script, "$n", fmt.Sprint(chunks)))
				}
			})
			if chunks < 3 {
				t.Errorf("%d chunks: the test shows nothing", chunks)
			}
			l.same()
			l.rest()
		})
	}
}

// collations makes the test's, and its domains, and returns those that this server
// lacks: it was made without ICU, or its C library knows no language.
func collations(t *testing.T, url string) (missing []string) {
	t.Helper()
	libc := sandbox.Query(t, url, `
		select collname from pg_collation where collprovider = 'c' and collname not in ('C', 'POSIX')
		and collencoding in (-1, (select encoding from pg_database where datname = current_database())) order by 1`)
	icu := sandbox.Query(t, url, "select collname from pg_collation where collprovider = 'i'")
	sandbox.Exec(t, url, `create domain public.code as text collate "C"; create domain public.natural as bigint; create domain public.number as public.natural`)
	if len(libc) > 0 {
		sandbox.Exec(t, url, "create collation public.libc from pg_catalog."+pgx.Identifier{libc[0]}.Sanitize())
	} else {
		missing = append(missing, "public.libc")
	}
	for name, options := range map[string]string{
		"public.by_number":   "locale = 'en-u-kn-true'",
		"public.upper_first": "locale = 'en-u-kf-upper'",
		"public.any_case":    "locale = 'und-u-ks-level2', deterministic = false",
	} {
		if len(icu) > 0 {
			sandbox.Exec(t, url, "create collation "+name+" (provider = icu, "+options+")")
		} else {
			missing = append(missing, name)
		}
	}
	return missing
}
