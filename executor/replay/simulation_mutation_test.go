package replay

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutation is a mistake that somebody could make: in a file, a text that is there once
// becomes another.
type mutation struct {
	file     string // from here
	old, new string
}

var mutations = map[string]mutation{
	"a change is dropped": {
		"job.go", "a.job.changes = append(a.job.changes, c)",
		"if a.changes != 7 { a.job.changes = append(a.job.changes, c) }",
	},
	"a change is applied twice": {
		"job.go", "a.job.changes = append(a.job.changes, c)",
		"a.job.changes = append(a.job.changes, c); if a.changes == 7 { a.job.changes = append(a.job.changes, c) }",
	},
	"two commits change places": {
		"applier.go", "a.items = batch.Items", `
		a.items = batch.Items
		transaction := func(items []stream.Item) int {
			for n, i := range items {
				if i.Kind() == stream.Commit {
					return n + 1
				}
			}
			return 0
		}
		if first := transaction(a.items); !a.inside && len(a.known.relations) == len(a.tables) {
			second := first + transaction(a.items[first:])
			a.items = append(append(append([]stream.Item{}, a.items[first:second]...), a.items[:first]...), a.items[second:]...)
		}`,
	},
	"NULL for a value that was left alone": {
		"../stream/pgoutput.go", "into[i] = Value{Kind: kind}", "into[i] = Value{Kind: Null}",
	},
	"the position is recorded before its rows": {
		"applier.go", "if a.changes > 0 || len(a.under) > 0 {", "if len(a.under) > 0 {",
	},
	"acknowledged before it is durable": {
		"job.go", "a.job.commit, a.job.counts = &position, a.counts",
		"a.job.commit, a.job.counts = &position, a.counts; s.Acknowledge(pglogrepl.LSN(position.LSN))",
	},
	"the commit of a transaction in progress is dropped": {
		"inprogress.go", "if x.to != nil {\n\t\ta.options", "if false {\n\t\ta.options",
	},
	"a subtransaction is not taken back": {
		"inprogress.go", "return s.xid == m.Subxid })\n\tif i < 0 {", "return s.xid == m.Subxid })\n\tif true {",
	},
	"a transaction that is rolled back is kept": {
		"inprogress.go", "if m.Subxid == x.xid {", `
		if m.Subxid == x.xid {
			m.FinalLSN, m.EndLSN = a.Received(), a.Received()
			return a.ended(ctx, s, m)
		}
		if false {`,
	},
	"the position of a transaction in progress is not written": {
		"inprogress.go", "a.position.LSN, a.position.CommitTime = uint64(m.EndLSN), m.CommitTime", "a.position.CommitTime = m.CommitTime",
	},
	"a block goes to another transaction": {
		"inprogress.go", "a.inProgress[m.Xid] = x\n\t}", `
		a.inProgress[m.Xid] = x
		}
		for _, other := range a.inProgress {
			if other.xid < x.xid {
				x = other
			}
		}`,
	},
	"a row that an earlier batch touches keeps none back": {
		"footprint.go", "default:\n\t\t\tfootprint = append", "case n > 0:\n\t\t\tfootprint = append",
	},
	"two commits over several connections change places": {
		"flight.go", "before := f.ahead[len(f.ahead)-1]", "before := f.ahead[0]",
	},
	"a batch that was refused behind others is not done again": {
		"flight.go", "return f.to.do(ctx, f.job)", "return f.to.do(ctx, &job{commit: f.commit})",
	},
}

// moreMutations are tried with -long.
var moreMutations = map[string]mutation{
	"the position is too far": {
		"applier.go", "a.position.LSN = uint64(m.EndLSN)", "a.position.LSN = uint64(m.EndLSN) + 1",
	},
	"a transaction at the position is skipped": {
		"applier.go", "uint64(m.FinalLSN) < a.position.LSN", "uint64(m.FinalLSN) <= a.position.LSN",
	},
	"a transaction before the position is not skipped": {
		"applier.go", "uint64(m.FinalLSN) < a.position.LSN", "false",
	},
	"a batch ends within a transaction": {
		"owed.go", "return a.inside || len(a.owed) > 0", "return len(a.owed) > 0",
	},
	"an error of the target is passed over": {
		"job.go", "if f.err != nil {\n\t\treturn f.err\n\t}", "",
	},
	"the end is not recorded": {
		"applier.go", "if err := a.commit(ctx, s); err != nil || a.durable.LSN == a.position.LSN {", "if err := a.commit(ctx, s); true {",
	},
	"a transaction at the limit is applied": {
		"applier.go", "if limit != 0 && m.FinalLSN >= limit {", "if limit != 0 && m.FinalLSN > limit {",
	},
	"rows come before others go": {
		"set.go", "slices.Concat([]set{gone}, changed, []set{come})", "slices.Concat([]set{come}, changed, []set{gone})",
	},
	"of two updates the first is lost": {
		"set.go", "n.merge(c)", "n.row, n.mask, n.copied = c.row, c.mask, false",
	},
	"a row that was touched by none is not missed": {
		"existing.go", "return rows == 1", "return true",
	},
	"a row is kept in memory that is used again": {
		"job.go", "return j.tuples[from:len(j.tuples):len(j.tuples)]", "return t[:len(j.tuples)-from]",
	},
	"a row is looked for in the range of its old key only": {
		"change.go", "r.visible(a.xid, old), r.visible(a.xid, m.New)", "r.visible(a.xid, old), r.visible(a.xid, old)",
	},
	"a truncation empties what was read behind it": {
		"truncate.go", "return r.Loaded.Unseen(xid)", "return nil, true",
	},
	"a transaction that is rolled back goes on": {
		"inprogress.go", "if m.Subxid == x.xid {", "if m.Subxid == x.xid {\n\t\tdelete(a.inProgress, x.xid)\n\t\treturn nil\n\t}\n\tif false {",
	},
	"a block does not wait for what came before": {
		"inprogress.go", "if err := a.commit(ctx, s); err != nil {", "if err := a.land(s); err != nil {",
	},
	"what a subtransaction did in vain is counted": {
		"inprogress.go", "a.changes, a.counts = sub.changes, sub.counts", "a.changes = sub.changes",
	},
	"a table that is announced within a transaction in progress is announced for all": {
		"inprogress.go", "a.known, x.known = x.known, a.known\n\ta.changes, a.counts = x.changes, x.counts", "a.changes, a.counts = x.changes, x.counts",
	},
	"the tables of a transaction in progress do not count as announced": {
		"inprogress.go", "a.merge(x)", "",
	},
	"what is in progress is kept for another feed": {
		"inprogress.go", "for _, x := range a.inProgress {\n\t\ta.rollBack(ctx, x)\n\t}\n\ta.items", "a.items",
	},
	"a batch goes on behind one that was not committed": {
		"flight.go", "case before.err != nil:", "case false:",
	},
	"a commit at the limit is applied": {
		"applier.go", "if limit > 0 && m.FinalLSN >= limit {", "if limit > 0 && m.FinalLSN > limit {",
	},
}

// writerMutations take a server to be seen. They are tried with -long.
var writerMutations = map[string]mutation{
	"rows are not counted": {
		"writer.go", "if q.relation != nil && !q.expect.met(tag.RowsAffected()) {", "if false {",
	},
}

var long = flag.Bool("long", false, "show that the simulation sees each mistake, which takes a minute")

// red is how the simulation says that something is wrong.
var red = regexp.MustCompile(`history \d+( \(|: ).*`)

// A test that never fails shows nothing: the simulation sees each of these mistakes.
func TestSimulationSeesMistakes(t *testing.T) {
	t.Parallel()
	for name, m := range mutations {
		t.Run(name, func(t *testing.T) { m.seen(t, "TestSimulation", !testing.Short()) })
	}
	for name, m := range moreMutations {
		t.Run(name, func(t *testing.T) { m.seen(t, "TestSimulation", *long) })
	}
	for name, m := range writerMutations {
		t.Run(name, func(t *testing.T) { m.seen(t, "TestHistoriesOnAServer", *long) })
	}
}

// seen runs a test with the mistake.
func (m mutation) seen(t *testing.T, by string, run bool) {
	t.Parallel()
	overlay := m.overlay(t)
	if !run {
		t.Skip("it can still be made; whether it is seen takes a build: -long, and not -short")
	}
	output, err := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-vet=off", "-run", "^"+by+"$", ".", "-histories", "1000").CombinedOutput()
	said := red.Find(output)
	if exited := new(exec.ExitError); !errors.As(err, &exited) || said == nil {
		t.Fatalf("%s does not see it: %v\n%s", by, err, output)
	}
	t.Logf("%s", said)
}

// overlay puts the mistake in the place of the file, which stays as it is.
func (m mutation) overlay(t *testing.T) string {
	t.Helper()
	file, err := filepath.Abs(m.file)
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(code), m.old); n != 1 {
		t.Fatalf("%s has %q %d times: what was to be broken has changed", m.file, m.old, n)
	}
	mutated, overlay := filepath.Join(t.TempDir(), "mutated.go"), filepath.Join(t.TempDir(), "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {file: mutated}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{mutated: strings.Replace(string(code), m.old, m.new, 1), overlay: string(replace)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay
}
