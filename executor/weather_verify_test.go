package executor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/verify"
)

// A comparison that is under way when a server crashes, or its sessions are ended,
// goes on by itself: what was compared stays so, and the state says why it waits.
func TestAComparisonOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	const tables = 40
	ended := func(w *weather, url string) { terminate(w.t, url, "application_name = 'sluice verify'") }
	for name, outage := range map[string]func(*weather){
		"source":                 func(w *weather) { w.crash(w.sourceServer) },
		"target":                 func(w *weather) { w.crash(w.targetServer) },
		"both":                   func(w *weather) { w.crash(w.sourceServer, w.targetServer) },
		"sessions of the source": func(w *weather) { ended(w, w.source) },
		"sessions of the target": func(w *weather) { ended(w, w.target) },
		"the target's snapshot":  func(w *weather) { terminate(w.t, w.target, "application_name = 'sluice snapshot'") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWeather(t)
			var script strings.Builder
			for i := range tables {
				fmt.Fprintf(&script, "create table public.t%d (id int primary key, v text); insert into public.t%[1]d select i, repeat('v', 100) from generate_series(1, 2000) i;\n", i)
			}
			type reply struct {
				result []byte
				err    error
			}
			answer := make(chan reply, 1)
			said := map[string]int{} // how often, by line
			var one sync.Mutex
			w.begin(t, script.String(), func(r *executor.Run) {
				r.Request = &executor.Request{
					Kind: executor.RequestVerify,
					Say: func(line string) {
						one.Lock()
						defer one.Unlock()
						said[line]++
						if len(said) == 3 && said[line] == 1 {
							outage(w)
						}
					},
					Answer: func(result []byte, err error) { answer <- reply{result, err} },
				}
			})
			var got reply
			select {
			case got = <-answer:
			case <-w.ctx.Done():
				t.Fatal("the comparison is not answered")
			}
			if got.err != nil {
				t.Fatalf("the comparison: %v", got.err)
			}
			var results []verify.Result
			if err := json.Unmarshal(got.result, &results); err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !r.Equal {
					t.Errorf("%s is not equal", r.Table)
				}
			}
			if len(results) != tables+1 || len(said) != len(results) { // and the marks
				t.Errorf("%d tables were compared and %d said", len(results), len(said))
			}
			for line, n := range said {
				if n > 1 {
					t.Errorf("compared %d times: %s", n, line)
				}
			}
			if why := sandbox.Query(t, w.target, "select count(*) > 0 from sluice.event where what like 'retrying: %'")[0]; why != "t" {
				t.Error("the state never said why the comparison waits")
			}
			w.same()
			w.rest()
		})
	}
}
