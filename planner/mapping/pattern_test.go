package mapping

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/planner/catalog"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"orders", "orders", true},
		{"orders", "Orders", false}, // names are exact
		{"*", "", true},
		{"*", "a/b", true}, // where path.Match stops
		{"tbl_*", "tbl_", true},
		{"*_log", "a_log_b_log", true},
		{"*_log", "a_log_b", false},
		{"a?c", "añc", true}, // a character, not a byte
		{"a?c", "ac", false},
		{"[a-c]x", "bx", true},
		{"[^a-c]x", "bx", false},
		{"[!a-c]x", "dx", true},
		{"[]]", "]", true},
		{"[a", "[a", true}, // never closed: stands for itself
		{`\*`, "*", true},
		{`\*`, "x", false},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 200), false}, // must not take for ever
	} {
		if got := match(c.glob, c.name); got != c.want {
			t.Errorf("match(%q, %q) = %v", c.glob, c.name, got)
		}
	}
}

func TestMatchAgreesWithPathMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab*?]{0,8}`).Draw(t, "glob")
		name := rapid.StringMatching(`[abc]{0,8}`).Draw(t, "name")
		want, err := path.Match(glob, name)
		if err != nil {
			t.Skip("not a pattern")
		}
		if got := match(glob, name); got != want {
			t.Fatalf("match(%q, %q) = %v", glob, name, got)
		}
	})
}

func TestExactlyMatchesNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[ab*?\[\]\\-]{1,8}`)
		n := catalog.Name{Schema: name.Draw(t, "schema"), Local: name.Draw(t, "name")}
		other := catalog.Name{Schema: n.Schema, Local: name.Draw(t, "other")}
		p := Exactly(n)
		if taken, named := p.matches([]string{n.Schema, n.Local}, n.Schema); !taken || !named {
			t.Fatalf("%q does not take %v", p, n)
		}
		if taken, _ := p.matches([]string{other.Schema, other.Local}, other.Schema); taken && other != n {
			t.Fatalf("%q takes %v", p, other)
		}
	})
}
