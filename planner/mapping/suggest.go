package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// maxSuggestions is how many names a reader compares at a glance.
const maxSuggestions = 3

// Suggest returns the candidates that a misspelt name may have meant, the
// nearest first: at most three, and only those within a quarter of its length.
// onlyCase says that the first differs in nothing but upper and lower case.
func Suggest(name string, candidates []string) (near []string, onlyCase bool) {
	type scored struct {
		text     string
		distance int
	}
	var found []scored
	limit := max(1, len(name)/4)
	for _, c := range candidates {
		distance := levenshtein.Distance(strings.ToLower(name), strings.ToLower(c), nil)
		if distance <= limit {
			found = append(found, scored{c, distance})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.text, b.text))
	})
	found = slices.Compact(found)
	for _, s := range found[:min(len(found), maxSuggestions)] {
		near = append(near, s.text)
	}
	return near, len(near) > 0 && strings.EqualFold(near[0], name)
}
