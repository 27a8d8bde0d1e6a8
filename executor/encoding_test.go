package executor_test

import (
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor/replay"
	"sluice/planner/catalog"
)

// ofAnyBytes has text that is no UTF-8: in values, and in a key.
const ofAnyBytes = `
	create table public.t (k text primary key, v text, c "char");
	create table public.plain (v text);
	alter table public.plain replica identity full;
	insert into public.t select 'key ' || i, E'caf\xe9 ' || i, E'\xe9' from generate_series(1, 100) i;
	insert into public.t values (E'\xff\xfe', E'\\ \x80', 'c');
	insert into public.plain values (E'\xe9'), (E'\xe9'), ('plain');`

// From SQL_ASCII to SQL_ASCII bytes of any encoding arrive as they are: in the load and
// in the changes, together and one by one, in keys and in rows without; and comparing
// finds one that differs.
func TestBytesOfAnyEncodingArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	m := startEncoded(t, "SQL_ASCII")
	m.target = ownServer(t, sandbox.Options{Initdb: []string{"--encoding=SQL_ASCII"}}).Database(t)
	l := &live{move: m}
	l.begin(t, ofAnyBytes, nil)
	same := func() {
		t.Helper()
		l.settle()
		const bytes = "select encode(convert_to(k, 'SQL_ASCII'), 'escape') || encode(convert_to(v, 'SQL_ASCII'), 'escape') || c::text from public.t union all select encode(convert_to(v, 'SQL_ASCII'), 'escape') from public.plain order by 1"
		source, target := sandbox.Query(t, l.source, bytes), sandbox.Query(t, l.target, bytes)
		if len(source) < 3 || len(source) != len(target) {
			t.Fatalf("%d rows on the source, %d on the target", len(source), len(target))
		}
		for i := range source {
			if source[i] != target[i] {
				t.Errorf("%q on the source, %q on the target", source[i], target[i])
			}
		}
		l.verified(l.ctx, t)
	}
	same()
	for _, change := range []string{
		`update public.t set v = v || E'\xe8'`,
		`update public.t set v = E'\xc3(' where k = E'\xff\xfe'`,
		`update public.t set k = E'\xfe' where k = E'\xff\xfe'`,
		`insert into public.t select E'\xf0' || i, E'\x99\t\n' from generate_series(1, 200) i`,
		`delete from public.plain where ctid = (select min(ctid) from public.plain); update public.plain set v = E'\xea'`,
		`delete from public.t where k >= E'\xf0'`,
	} {
		l.do(change)
		same()
	}
	sandbox.Exec(t, l.target, `update public.t set v = E'\xe7' where k = 'key 7'`)
	if differ := l.compared(l.ctx, t); len(differ["t"]) != 1 || differ["t"][0].Key != `("key 7")` {
		t.Errorf("different: %v", differ)
	}
}

// A database in UTF8 takes no other bytes: the change is refused with its place, and
// nothing is altered. Once the row is right on the source, the table is loaded again.
func TestBytesThatAreNoUTF8AreRefusedInTheChanges(t *testing.T) {
	t.Parallel()
	l := &live{move: startEncoded(t, "SQL_ASCII")}
	l.begin(t, `create table public.t (k int primary key, v text); insert into public.t select i, E'\xc3\xa9' from generate_series(1, 40) i`, nil)
	l.do(`update public.t set v = E'\xe2\x82\xac'`)
	l.same()
	l.do(`update public.t set v = case k when 30 then E'\xe9' else 'e' end`)
	d := refusal[*replay.Divergence](t, l.failure(), "public.t", "k=30", "22021")
	if d.LSN == 0 || !d.OfRows() {
		t.Errorf("the divergence is %+v", d)
	}
	if n := sandbox.Query(t, l.target, "select count(*) from public.t where v <> '€'"); n[0] != "0" {
		t.Errorf("%s rows of the transaction that is refused are there", n[0])
	}
	l.do(`update public.t set v = E'\xc3\xa9' where k = 30`)
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "t"}}
	l.follow(nil)
	l.spec.Replace = nil
	l.same()
}
