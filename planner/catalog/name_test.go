package catalog

import (
	"strings"
	"testing"
)

func TestQuoteDoublesQuotesAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"orders":      `"orders"`,
		"select":      `"select"`,
		"Orders":      `"Orders"`,
		`a"b`:         `"a""b"`,
		`"`:           `""""`,
		`a\b`:         `"a\b"`,
		"a.b":         `"a.b"`,
		"a\nb":        "\"a\nb\"",
		"Größe 大きさ 🐘": `"Größe 大きさ 🐘"`,
		"'; drop --":  `"'; drop --"`,
		"":            `""`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzQuoteIsOneIdentifier(f *testing.F) {
	for _, seed := range []string{"", "a", `"`, `""`, `a"b"`, "a\x00b", `\`, "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, identifier string) {
		quoted := Quote(identifier)
		inner := strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
		if len(inner) != len(quoted)-2 {
			t.Fatalf("%s is not between quotes", quoted)
		}
		if strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
			t.Fatalf("%s ends early", quoted)
		}
		if back := strings.ReplaceAll(inner, `""`, `"`); back != identifier {
			t.Fatalf("%s reads as %q, not %q", quoted, back, identifier)
		}
	})
}

func TestQuoteAllMakesAColumnList(t *testing.T) {
	t.Parallel()
	if got, want := QuoteAll([]string{"id", `a"b`, "to"}), `"id", "a""b", "to"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := QuoteAll(nil); got != "" {
		t.Errorf("got %q for no columns", got)
	}
}

func TestLiteralReadsTheSameWhateverTheStrings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":  `'plain'`,
		"it's":   `'it''s'`,
		`a\b`:    `E'a\\b'`,
		`\'`:     `E'\\'''`,
		"":       `''`,
		"a\nb":   "'a\nb'",
		`"name"`: `'"name"'`,
	} {
		if got := Literal(in); got != want {
			t.Errorf("Literal(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestNameForSQLIsAlwaysQuoted(t *testing.T) {
	t.Parallel()
	for want, name := range map[string]Name{
		`"public"."orders"`: {"public", "orders"},
		`"a.b"."c""d"`:      {"a.b", `c"d`},
		`"public"`:          {"", "public"},
	} {
		if got := name.SQL(); got != want {
			t.Errorf("%#v is %s, want %s", name, got, want)
		}
	}
}

func TestNameForPeopleIsQuotedWhereItWouldBeAmbiguous(t *testing.T) {
	t.Parallel()
	for want, name := range map[string]Name{
		`public.orders`:   {"public", "orders"},
		`public.Orders`:   {"public", "Orders"},
		`public.größe`:    {"public", "größe"},
		`public."a.b"`:    {"public", "a.b"},
		`"my schema".t`:   {"my schema", "t"},
		`public."a""b"`:   {"public", `a"b`},
		`public."a\nb"`:   {"public", "a\nb"},
		`public."a\tb\r"`: {"public", "a\tb\r"},
		`public.""`:       {"public", ""},
		`orders`:          {"", "orders"},
	} {
		if got := name.String(); got != want {
			t.Errorf("%#v is %s, want %s", name, got, want)
		}
	}
}
