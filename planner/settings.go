package planner

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"sluice/state"
)

// changed fills Settings with what the process that runs this very plan has to
// take up to work as it is declared. One that runs another has to be ended first,
// and where none runs, the next one begins with what is declared.
func (p *Plan) changed(declared state.Settings, done state.State) *Plan {
	if done.Lease.Live && done.PlanID == p.ID {
		p.Settings = Changes(done.Lease.Settings, declared)
	}
	return p
}

// Changes are the settings that differ.
func Changes(from, to state.Settings) (changes []Setting) {
	for _, s := range []Setting{
		{"full.workers", strconv.Itoa(from.Workers), strconv.Itoa(to.Workers)},
		{"full.index_memory", bytesLimit(from.IndexMemory), bytesLimit(to.IndexMemory)},
		{"full.throttle.source_queries_per_second", limit(from.Load.Queries), limit(to.Load.Queries)},
		{"full.throttle.rows_per_second", limit(from.Load.Rows), limit(to.Load.Rows)},
		{"full.throttle.bytes_per_second", bytesLimit(from.Load.Bytes), bytesLimit(to.Load.Bytes)},
		{"incremental.connections", connections(from), connections(to)},
		{"incremental.spool.max_bytes", bytesLimit(from.SpoolBytes), bytesLimit(to.SpoolBytes)},
		{"incremental.throttle.rows_per_second", limit(from.Changes.Rows), limit(to.Changes.Rows)},
		{"incremental.throttle.bytes_per_second", bytesLimit(from.Changes.Bytes), bytesLimit(to.Changes.Bytes)},
		{"retry.connection", duration(from.RetryConnection), duration(to.RetryConnection)},
		{"retry.other", duration(from.RetryOther), duration(to.RetryOther)},
	} {
		if s.From != s.To {
			changes = append(changes, s)
		}
	}
	return append(changes, alertChanges(from.Alerts, to.Alerts)...)
}

// connections is what a process takes where nothing is said.
func connections(s state.Settings) string {
	return strconv.Itoa(cmp.Or(s.Connections, state.DefaultConnections))
}

const unlimited = "none"

func limit(n int64) string {
	if n == 0 {
		return unlimited
	}
	return strconv.FormatInt(n, 10)
}

// bytesLimit is exact: "50MiB" where nothing is left over.
func bytesLimit(n int64) string {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if size := int64(1) << (10 * (4 - i)); n >= size && n%size == 0 {
			return strconv.FormatInt(n/size, 10) + unit
		}
	}
	return limit(n)
}

// duration is "12h" where time.Duration says "12h0m0s": as people write it.
func duration(d time.Duration) string {
	text := d.String()
	for _, nothing := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nothing) {
			text = text[:len(text)-2]
		}
	}
	return text
}
