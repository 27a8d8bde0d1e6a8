package load

import (
	"os"
	"testing"
	"time"

	"sluice/examples/sandbox"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// eventually waits until a query has this answer: the end of a session is a
// moment behind that of its connection.
func eventually(t *testing.T, url, sql, want string) {
	t.Helper()
	give := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got := sandbox.Query(t, url, sql)
		if len(got) == 1 && got[0] == want {
			return
		}
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("%s: %q, want %q", sql, got, want)
		}
	}
}
