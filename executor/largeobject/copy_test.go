package largeobject

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

var made = catalog.Name{Schema: "sluice", Local: `large "objects"`}

// sides makes a database on a server of each major. The target has the schema of the state.
func sides(t *testing.T, sourceMajor, targetMajor int) (source, target string, o Options) {
	t.Helper()
	source = sandbox.Shared(t, sourceMajor, "source").Database(t)
	target = sandbox.Shared(t, targetMajor, "target").Database(t)
	sandbox.Exec(t, target, "create schema sluice")
	return source, target, Options{Source: session.At("source", source), Target: session.At("target", target), Made: made}
}

// content is every page that holds something but zeros, every size and comment.
func content(t *testing.T, url string) []string {
	t.Helper()
	return slices.Concat(
		sandbox.Query(t, url, `select loid, pageno, md5(d) from pg_largeobject, lateral regexp_replace(encode(data, 'hex'), '(00)+$', '') d
			where d <> '' order by 1, 2`),
		sandbox.Query(t, url, `select m.oid, lo_lseek64(lo_open(m.oid, 262144), 0, 2), obj_description(m.oid, 'pg_largeobject')
			from pg_largeobject_metadata m order by 1`),
	)
}

func same(t *testing.T, source, target string) {
	t.Helper()
	want, got := content(t, source), content(t, target)
	if len(want) == 0 || !slices.Equal(want, got) {
		t.Errorf("%d lines on the source, %d on the target", len(want), len(got))
		for i := range min(len(want), len(got)) {
			if want[i] != got[i] {
				t.Errorf("first %s, not %s", got[i], want[i])
				break
			}
		}
	}
	if rest := sandbox.Query(t, target, "select relname from pg_class where relnamespace = 'sluice'::regnamespace"); len(rest) > 0 {
		t.Errorf("left on the target: %q", rest)
	}
}

// odd are objects in which something is at an edge.
const odd = `
select lo_create(10001); -- empty
select lo_from_bytea(10002, 'x');
select lo_from_bytea(10003, string_agg(decode(md5(i::text), 'hex'), '' order by i)) from generate_series(1, 327680) i; -- 5 MiB
select lo_from_bytea(10004, decode(repeat('ab', 1048576), 'hex')); -- one piece
select lo_from_bytea(10005, decode(repeat('ab', 1048577), 'hex')); -- and one byte
select lo_from_bytea(10006, decode(repeat('00', 2097152), 'hex')); -- zeros to the end
select lo_create(10007);
select lo_put(10007, 3221225472, 'end'); -- 3 GiB of nothing
select lo_put(10007, 1073741824, 'middle');
select lo_create(10008);
select lo_truncate64(lo_open(10008, 131072), 100000); -- longer than its pages
select lo_create(4294967295); -- the largest OID
comment on large object 10001 is 'it''s a \ comment
of two lines';`

func TestEveryByteIsCopied(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range majors {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			source, target, o := sides(t, major, majors[len(majors)-1])
			sandbox.Exec(t, source, odd)
			if err := Copy(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			same(t, source, target)
			pages := sandbox.Query(t, target, "select count(*) < 2000 from pg_largeobject where loid = 10007")[0]
			if pages != "t" {
				t.Error("the holes of a sparse object are filled")
			}
		})
	}
}

func TestManySmallOnesGoInBatches(t *testing.T) {
	t.Parallel()
	source, target, o := sides(t, 0, 0)
	for from := 1; from <= 20000; from += 1000 { // the locks of 20,000 do not fit into a transaction
		sandbox.Exec(t, source, fmt.Sprintf("select lo_from_bytea(20000 + i, convert_to('object ' || i, 'utf8')) from generate_series(%d, %d) i", from, from+999))
	}
	commits, objects := 0, int64(0)
	o.Copied = func(n, _ int64) { commits, objects = commits+1, n }
	if err := Copy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	same(t, source, target)
	if commits != 40 || objects != 20000 {
		t.Errorf("%d objects in %d transactions", objects, commits)
	}
}

func TestNoneIsNothingToDo(t *testing.T) {
	t.Parallel()
	_, target, o := sides(t, 0, 0)
	if err := Copy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if rest := sandbox.Query(t, target, "select oid from pg_largeobject_metadata"); len(rest) > 0 {
		t.Errorf("the target has %q", rest)
	}
}

// A crash may be after any commit. What the source does between two attempts
// shows in the second one alone.
func TestTheNextAttemptBeginsAnew(t *testing.T) {
	t.Parallel()
	source, target, o := sides(t, 0, 0)
	sandbox.Exec(t, source, "select lo_from_bytea(20000 + i, convert_to('object ' || i, 'utf8')) from generate_series(1, 1200) i")
	sandbox.Exec(t, target, "select lo_from_bytea(777, 'somebody''s')")
	for crash := int64(500); crash <= 1200; crash += 350 {
		ctx, cancel := context.WithCancel(t.Context())
		o.Copied = func(objects, _ int64) {
			if objects >= crash {
				cancel()
			}
		}
		if err := Copy(ctx, o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if got := sandbox.Query(t, target, "select count(*) >= 500 from pg_largeobject_metadata")[0]; got != "t" {
			t.Error("there is nothing on the target after a crash")
		}
		sandbox.Exec(t, source, fmt.Sprintf(`select lo_unlink(20000 + %d); select lo_put(20001, 0, '%d');
			select lo_from_bytea(30000 + %d, 'new')`, crash, crash, crash))
	}
	o.Copied = nil
	if err := Copy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := sandbox.Query(t, target, "select convert_from(lo_get(777), 'utf8'), lo_unlink(777)"); got[0] != "somebody's|1" {
		t.Errorf("the object that was there is %q", got)
	}
	same(t, source, target)
}

func TestWhatIsNotOursIsNotTouched(t *testing.T) {
	t.Parallel()
	source, target, o := sides(t, 0, 0)
	sandbox.Exec(t, source, "select lo_from_bytea(20001, 'ours')")
	sandbox.Exec(t, target, "select lo_from_bytea(20001, 'theirs')")
	if err := Copy(t.Context(), o); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "20001") {
		t.Errorf("the error is %v", err)
	}
	if got := sandbox.Query(t, target, "select lo_get(20001) = 'theirs'")[0]; got != "t" {
		t.Error("the target's own object is another")
	}
}

func TestAllIsOfOneSnapshot(t *testing.T) {
	t.Parallel()
	source, target, o := sides(t, 0, 0)
	sandbox.Exec(t, source, "select lo_from_bytea(20000 + i, 'old') from generate_series(1, 501) i")
	want := content(t, source)
	first := true
	o.Copied = func(int64, int64) {
		if first {
			first = false
			sandbox.Exec(t, source, "select lo_put(20501, 0, 'new'), lo_unlink(20001), lo_create(30000)")
		}
	}
	if err := Copy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := content(t, target); !slices.Equal(got, want) {
		t.Error("the target is not what the source was")
	}
}

// as is the URL of a database for a role that is no superuser.
func as(t *testing.T, database, role string) session.Server {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, database, "do $$ begin create role "+role+" login; exception when duplicate_object or unique_violation then end $$")
	u.User = url.User(role)
	return session.At("source", u.String())
}

func TestAPlainRoleCopiesWhatItMayRead(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range []int{majors[0], majors[len(majors)-1]} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			source, target, o := sides(t, major, 0)
			o.Source = as(t, source, "sluice_lo_reader")
			o.Target = as(t, target, "sluice_lo_writer")
			sandbox.Exec(t, target, "grant create, usage on schema sluice to sluice_lo_writer")
			sandbox.Exec(t, source, "select lo_from_bytea(20001, 'a'), lo_from_bytea(20002, 'b'); grant select on large object 20001 to sluice_lo_reader")
			var pg *pgconn.PgError
			if err := Copy(t.Context(), o); !errors.As(err, &pg) || pg.Code != "42501" || !strings.Contains(err.Error(), "20002") {
				t.Errorf("without a privilege: %v", err)
			}
			sandbox.Exec(t, source, "grant select on large object 20002 to sluice_lo_reader")
			if err := Copy(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			same(t, source, target)
		})
	}
}

func TestOwnersAndGrants(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range []int{majors[0], majors[len(majors)-1]} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			source, target, o := sides(t, major, major)
			for _, database := range []string{source, target} {
				for _, role := range []string{"sluice_lo_owner", "sluice_lo_other", "sluice_lo_third", "sluice_lo_renamed"} {
					as(t, database, role)
				}
			}
			sandbox.Exec(t, source, `
				select lo_create(20001), lo_create(20002), lo_create(20003), lo_create(20004);
				alter large object 20001 owner to sluice_lo_owner;
				alter large object 20002 owner to sluice_lo_owner;
				alter large object 20004 owner to sluice_lo_owner;
				grant select on large object 20001 to public;
				grant all on large object 20001 to sluice_lo_other with grant option;
				set role sluice_lo_other;
				grant update on large object 20001 to sluice_lo_third;
				reset role;
				revoke update on large object 20002 from sluice_lo_owner;
				revoke all on large object 20004 from sluice_lo_owner;
				grant select on large object 20003 to sluice_lo_owner;`)
			o.Role = func(role string) string {
				if role == "sluice_lo_third" {
					return "sluice_lo_renamed"
				}
				return role
			}
			for _, try := range []struct {
				name            string
				owners, byOwner bool
				want            []string
			}{
				{"without", false, false, []string{"20001|postgres|", "20002|postgres|", "20003|postgres|", "20004|postgres|"}},
				{"by those who granted", true, false, []string{
					"20001|sluice_lo_owner|=r/sluice_lo_owner sluice_lo_other=r*w*/sluice_lo_owner sluice_lo_owner=rw/sluice_lo_owner sluice_lo_renamed=w/sluice_lo_other",
					"20002|sluice_lo_owner|sluice_lo_owner=r/sluice_lo_owner",
					"20003|postgres|postgres=rw/postgres sluice_lo_owner=r/postgres", "20004|sluice_lo_owner|",
				}},
				{"by the owner", true, true, []string{
					"20001|sluice_lo_owner|=r/sluice_lo_owner sluice_lo_other=r*w*/sluice_lo_owner sluice_lo_owner=rw/sluice_lo_owner sluice_lo_renamed=w/sluice_lo_owner",
					"20002|sluice_lo_owner|sluice_lo_owner=r/sluice_lo_owner",
					"20003|postgres|postgres=rw/postgres sluice_lo_owner=r/postgres", "20004|sluice_lo_owner|",
				}},
			} {
				o.Owners, o.Grants, o.ByOwner = try.owners, try.owners, try.byOwner
				if err := Copy(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				got := sandbox.Query(t, target, `select oid, lomowner::regrole,
					coalesce((select string_agg(a::text, ' ' order by a::text collate "C") from unnest(lomacl) a), '')
					from pg_largeobject_metadata order by oid`)
				if !slices.Equal(got, try.want) {
					t.Errorf("%s:\n got %q\nwant %q", try.name, got, try.want)
				}
				sandbox.Exec(t, target, "select lo_unlink(oid) from pg_largeobject_metadata")
			}
		})
	}
}

func TestRecordsJoinEveryTransaction(t *testing.T) {
	t.Parallel()
	source, target, o := sides(t, 0, 0)
	sandbox.Exec(t, source, "select lo_create(20001)")
	sandbox.Exec(t, target, "create table public.record (guarded bigint, done bigint); insert into public.record values (0, 0)")
	o.Guard = state.Record{SQL: "update public.record set guarded = guarded + 1 where done = 0"}
	o.Done = state.Record{SQL: "update public.record set done = done + 1 where done = 0"}
	if err := Copy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := sandbox.Query(t, target, "select guarded, done from public.record")[0]; got != "3|1" { // table, unlink, copy
		t.Errorf("records: %s", got)
	}
	if err := Copy(t.Context(), o); !errors.Is(err, session.ErrFenced) {
		t.Errorf("without a hold: %v", err)
	}
}
