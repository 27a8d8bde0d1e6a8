package lexer

import (
	"slices"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []Token
	}{
		"names and what is between them": {`public."Or""ders".id`, []Token{{Word, "public"}, {Symbol, "."}, {Identifier, `"Or""ders"`}, {Symbol, "."}, {Word, "id"}}},
		"a string with a quote":          {`'it''s'::text`, []Token{{String, `'it''s'`}, {Operator, "::"}, {Word, "text"}}},
		"a backslash without E":          {`'\'x`, []Token{{String, `'\'`}, {Word, "x"}}},
		"a backslash with E":             {`E'\''x`, []Token{{String, `E'\''`}, {Word, "x"}}},
		"strings of other kinds":         {`b'1'X'f'n'x'U&'\0041'`, []Token{{String, `b'1'`}, {String, `X'f'`}, {String, `n'x'`}, {String, `U&'\0041'`}}},
		"unicode identifier":             {`U&"\0041"`, []Token{{Identifier, `U&"\0041"`}}},
		"dollar quotes":                  {`$$a'b$$||$x$ $$ $x$`, []Token{{String, `$$a'b$$`}, {Operator, "||"}, {String, `$x$ $$ $x$`}}},
		"parameter":                      {`$12+1`, []Token{{Parameter, "$12"}, {Operator, "+"}, {Number, "1"}}},
		"a dollar within a word":         {`a$b$c`, []Token{{Word, "a$b$c"}}},
		"numbers":                        {`1.5e-3 .5 1..2 1e`, []Token{{Number, "1.5e-3"}, {Space, " "}, {Number, ".5"}, {Space, " "}, {Number, "1"}, {Operator, ".."}, {Number, "2"}, {Space, " "}, {Number, "1"}, {Word, "e"}}},
		"line comment":                   {"a--b\nc", []Token{{Word, "a"}, {Comment, "--b"}, {Space, "\n"}, {Word, "c"}}},
		"a return ends a comment":        {"a--b\rc", []Token{{Word, "a"}, {Comment, "--b"}, {Space, "\r"}, {Word, "c"}}},
		"nested comment":                 {"/* a /* b */ c */d", []Token{{Comment, "/* a /* b */ c */"}, {Word, "d"}}},
		"a comment ends an operator":     {"+/*x*/-", []Token{{Operator, "+"}, {Comment, "/*x*/"}, {Operator, "-"}}},
		"operators":                      {"a->>'b'<=c:=d=>e", []Token{{Word, "a"}, {Operator, "->>"}, {String, "'b'"}, {Operator, "<="}, {Word, "c"}, {Operator, ":="}, {Word, "d"}, {Operator, "=>"}, {Word, "e"}}},
		"slice of an array":              {"a[1:2]", []Token{{Word, "a"}, {Symbol, "["}, {Number, "1"}, {Symbol, ":"}, {Number, "2"}, {Symbol, "]"}}},
		"other letters":                  {"größe", []Token{{Word, "größe"}}},
		"an open string":                 {"a 'b c", []Token{{Word, "a"}, {Space, " "}, {Unknown, "'b c"}}},
		"an open comment":                {"/* a", []Token{{Unknown, "/* a"}}},
		"an open dollar quote":           {"$a$ b", []Token{{Unknown, "$a$ b"}}},
		"a lone dollar":                  {"$ a", []Token{{Unknown, "$"}, {Space, " "}, {Word, "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Tokens(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`Orders`: "orders", `"Or""ders"`: `Or"ders`, `GRÖSSE`: "grÖsse"} {
		if got, ok := Tokens(text)[0].Name(); !ok || got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"'a'", "1", `U&"a"`, "("} {
		if got, ok := Tokens(text)[0].Name(); ok {
			t.Errorf("%s is the name %q", text, got)
		}
	}
}

func FuzzTokensAreTheText(f *testing.F) {
	for _, seed := range []string{`select "a"."b" from $$x$$ -- c`, "/* /* */", "E'\\", "$a$b$a", "1.e5..", "é\xff'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var all strings.Builder
		for _, token := range Tokens(text) {
			if token.Text == "" {
				t.Fatalf("an empty token of %q", text)
			}
			all.WriteString(token.Text)
		}
		if all.String() != text {
			t.Errorf("%q became %q", text, all.String())
		}
	})
}
