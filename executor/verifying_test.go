package executor

import (
	"testing"

	"sluice/executor/verify"
	"sluice/planner/catalog"
)

// A table that is ahead is equal once each row was equal in some comparison; a row
// that was different in all of them is not explained by that.
func TestATableThatIsAheadIsEqualRowByRow(t *testing.T) {
	t.Parallel()
	different := func(more bool, keys ...string) verify.Result {
		r := verify.Result{More: more}
		for _, k := range keys {
			r.Different = append(r.Different, verify.Difference{Key: k, What: "different"})
		}
		return r
	}
	for name, test := range map[string]struct {
		rounds       []verify.Result
		ahead        bool // in the last round as well
		equal, moved bool
	}{
		"other rows each time":          {[]verify.Result{different(false, "1", "2"), different(false, "2", "3"), different(false, "3", "1")}, true, true, false},
		"one row each time":             {[]verify.Result{different(false, "1", "2"), different(false, "1"), different(false, "3", "1")}, true, false, true},
		"too many to know":              {[]verify.Result{different(false, "1"), different(true, "2")}, true, false, true},
		"equal at once":                 {[]verify.Result{different(false, "1"), {Equal: true}}, true, true, false},
		"different where nothing hides": {[]verify.Result{different(false, "1"), different(false, "2")}, false, false, false},
		"truncated in between":          {[]verify.Result{different(false, "1"), {Moved: true}, different(false, "2")}, true, true, false},
	} {
		v := &verification{results: map[catalog.Name]verify.Result{}, suspects: map[catalog.Name][]string{}, request: Request{Say: func(string) {}}}
		for i, r := range test.rounds {
			v.settle(r, test.ahead || i < len(test.rounds)-1)
		}
		if got := v.results[catalog.Name{}]; got.Equal != test.equal || got.Moved != test.moved {
			t.Errorf("%s: equal %t, moved %t", name, got.Equal, got.Moved)
		}
	}
}
