package cli

import (
	"slices"
	"testing"
)

func TestOneDashIsTwo(t *testing.T) {
	for _, test := range []struct{ in, want []string }{
		{[]string{"plan", "-out=p", "-json"}, []string{"plan", "--out=p", "--json"}},
		{[]string{"plan", "--out", "p"}, []string{"plan", "--out", "p"}},
		{[]string{"-h", "fmt", "-"}, []string{"-h", "fmt", "-"}},
		{[]string{"fmt", "--", "-file"}, []string{"fmt", "--", "-file"}},
		{nil, nil},
	} {
		if got := doubleDashes(test.in); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.in, got, test.want)
		}
	}
}
