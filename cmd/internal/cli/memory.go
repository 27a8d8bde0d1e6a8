package cli

import (
	"os"
	"runtime/debug"

	"sluice/planner"
)

// planningMemory lets the heap grow while catalogs are read and a plan is made: nearly
// all of it is kept until the end, and to look for garbage in it is in vain.
// runningMemory is for what comes then, which may take weeks. GOGC overrides both.
func planningMemory() { collect(planner.GCPercent) }

func runningMemory() { collect(100) }

func collect(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
