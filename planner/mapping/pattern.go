package mapping

import (
	"strings"

	"sluice/planner/catalog"
)

// Pattern is a glob for each part of a name: * for any characters, ? for one,
// [a-z] and [^a-z] for one of a set, \ before a character that stands for
// itself. It matches names of exactly as many parts.
type Pattern []string

// Exactly returns the pattern that matches this name alone.
func Exactly(n catalog.Name) Pattern {
	escape := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
	return Pattern{escape.Replace(n.Schema), escape.Replace(n.Local)}
}

// Rule is a pattern for one kind of object, or for every kind where Kind is empty.
type Rule struct {
	Pattern Pattern
	Kind    catalog.Kind
}

// whole says that the pattern takes all that is in the schemas it matches.
func (p Pattern) whole() bool { return len(p) == 2 && p[1] == "*" }

// everything says that the pattern is *.*, which also takes what belongs to
// no schema.
func (p Pattern) everything() bool { return p.whole() && p[0] == "*" }

// matches says whether the pattern takes an object with these parts, in this
// schema (empty where it is in none), and whether by naming it.
func (p Pattern) matches(parts []string, schema string) (taken, named bool) {
	switch {
	case p.everything():
		return true, false
	case p.whole():
		return schema != "" && match(p[0], schema), false
	case len(p) != len(parts):
		return false, false
	}
	for i, glob := range p {
		if !match(glob, parts[i]) {
			return false, false
		}
	}
	return true, true
}

// match compares a name with a glob. path.Match will not do: there * stops at
// a slash, and names may hold one. On a mismatch it goes back to the last *
// and lets it take one character more, so the time is at most the product of
// the lengths.
func match(glob, name string) bool {
	g, s := []rune(glob), []rune(name)
	gi, si := 0, 0
	star, resume := -1, 0
	for si < len(s) {
		if gi < len(g) && g[gi] == '*' {
			star, resume = gi, si
			gi++
			continue
		}
		if width, ok := one(g[gi:], s[si]); ok {
			gi += width
			si++
			continue
		}
		if star < 0 {
			return false
		}
		resume++
		gi, si = star+1, resume
	}
	for gi < len(g) && g[gi] == '*' {
		gi++
	}
	return gi == len(g)
}

// one matches one character against the glob's next element, which is not a
// star, and says how many characters of the glob that element has.
func one(glob []rune, c rune) (width int, ok bool) {
	if len(glob) == 0 {
		return 0, false
	}
	switch {
	case glob[0] == '?':
		return 1, true
	case glob[0] == '\\' && len(glob) > 1:
		return 2, glob[1] == c
	case glob[0] == '[':
		if end := closing(glob); end > 0 {
			return end + 1, inSet(glob[1:end], c)
		}
	}
	return 1, glob[0] == c
}

// closing is the index of the bracket that ends the set at the glob's start;
// 0 where there is none, and the bracket stands for itself. A bracket right
// at the start of a set is one of its members.
func closing(glob []rune) int {
	first := 1
	if first < len(glob) && (glob[first] == '^' || glob[first] == '!') {
		first++
	}
	for i := first + 1; i < len(glob); i++ {
		if glob[i] == ']' {
			return i
		}
	}
	return 0
}

func inSet(set []rune, c rune) bool {
	negated := set[0] == '^' || set[0] == '!'
	if negated {
		set = set[1:]
	}
	in := false
	for i := 0; i < len(set); i++ {
		low, high := set[i], set[i]
		if i+2 < len(set) && set[i+1] == '-' {
			high = set[i+2]
			i += 2
		}
		in = in || low <= c && c <= high
	}
	return in != negated
}
