package replay

import (
	"fmt"
	"testing"

	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
)

// Rows that change places in every run are applied one by one each time, and the
// target's session does not grow by what was tried before.
func TestRunsThatGoBackLeaveNothingPrepared(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	sandbox.Exec(t, x.url, "alter table public.t add unique (v); insert into public.t select i, i from generate_series(1, 20) i")
	update := func(id, v any) build {
		return build("U").u32(relationID).row('N', fmt.Sprint(id), fmt.Sprint(v))
	}
	backed := 0
	x.sink.(*writer).point = func(point string) {
		if point == "replay: back to the savepoint" {
			backed++
		}
	}
	prepared := func() string {
		t.Helper()
		results, err := x.sink.(*writer).conn.Exec(t.Context(), "select count(*) from pg_prepared_statements").ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return string(results[0].Rows[0][0])
	}
	run := func(n uint64) {
		t.Helper()
		lsn := 1000 * n
		messages := []build{begin(lsn), definition}
		for id := 3; id <= 20; id++ {
			messages = append(messages, update(id, fmt.Sprint("run ", n, " ", id)))
		}
		messages = append(messages, update(1, "aside"), update(2, fmt.Sprint(2-n%2)), update(1, fmt.Sprint(1+n%2)), commit(lsn))
		x.send(0, messages...)
		x.send(pglogrepl.LSN(lsn+100), keepalive)
		if err := x.To(t.Context(), x.s, pglogrepl.LSN(lsn+100), nil); err != nil {
			t.Fatal(err)
		}
	}
	run(1)
	before := prepared()
	for n := range uint64(5) {
		run(2 + n)
	}
	if after := prepared(); after != before || backed != 6 {
		t.Errorf("%s statements are prepared after one run, %s after six, of which %d went back", before, after, backed)
	}
}
