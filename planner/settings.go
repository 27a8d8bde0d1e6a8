package planner

import (
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
		{"retry.connection", duration(from.RetryConnection), duration(to.RetryConnection)},
		{"retry.other", duration(from.RetryOther), duration(to.RetryOther)},
	} {
		if s.From != s.To {
			changes = append(changes, s)
		}
	}
	return changes
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
