package planner

import (
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// stepsTogether are written at once: enough for the pieces to be few, and few
// enough for all processors to have some. A plan's ID depends on it.
const stepsTogether = 1000

// together works on a list of tens of thousands on all processors, a piece of it
// at once.
func together[In, Out any](list []In, work func([]In) Out) []Out {
	chunks := slices.Collect(slices.Chunk(list, stepsTogether))
	pieces := make([]Out, len(chunks))
	var working errgroup.Group
	working.SetLimit(runtime.GOMAXPROCS(0))
	for i, chunk := range chunks {
		working.Go(func() error {
			pieces[i] = work(chunk)
			return nil
		})
	}
	_ = working.Wait() // none fails
	return pieces
}
