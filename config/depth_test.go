package config

import (
	"strings"
	"testing"
)

// A stack that is full ends the process; so each of these would.
func TestNoNestingFillsTheStack(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"brackets": strings.Repeat("[", n), "parentheses": strings.Repeat("(", n), "calls": strings.Repeat("f(", n),
		"objects": strings.Repeat("{a=", n), "negations": strings.Repeat("!", n) + "true", "templates": strings.Repeat(`"${`, n),
		"conditions": strings.Repeat("true?1:", n) + "1", "sums": "1" + strings.Repeat("+1", n), "indexes": "b" + strings.Repeat("[0]", n),
		"for": strings.Repeat("[for a in ", n), "attributes": "b" + strings.Repeat(".a", n), "splats": "b" + strings.Repeat("[*]", n),
		"lines in brackets": "(" + strings.Repeat("1 +\n", n), "directives": `"` + strings.Repeat("%{if true}", n) + `"`,
		"interpolation": strings.Repeat(`"${"${`, n/2), "mixed": strings.Repeat("([!-{a=", n/5),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for file, text := range map[string]string{
				"a.sluice.hcl":  "locals {\n  a = " + text + "\n}\n",
				"a.sluice.json": `{"locals": {"a": "${` + strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(text) + `}"}}`,
			} {
				_, diags := newLoader(Input{}).load(input{files: []namedText{{file, []byte(text)}}})
				if !diags.HasErrors() {
					t.Errorf("%s is accepted", file)
				}
			}
			newLoader(Input{Vars: []string{"f=" + text}}).load(input{files: []namedText{{"a.sluice.hcl", []byte("variable \"f\" {\n  type = list(any)\n}")}}})
		})
	}
	_, diags := newLoader(Input{}).load(input{files: []namedText{{"a.sluice.json", []byte(strings.Repeat(`{"a":[`, n))}}})
	if !diags.HasErrors() {
		t.Error("deep JSON is accepted")
	}
}

func TestLongIsNotDeep(t *testing.T) {
	const n = 5000
	text := "locals {\n  list = [" + strings.Repeat("\"public.a${1 + 1}\",\n", n) + "]\n" +
		"  map = {\n" + strings.Repeat("    \"a.${1}\" = -1\n", n) + "  }\n  sql = <<-EOT\n" + strings.Repeat("    select a.b, (c + d) from e;\n", n) + "  EOT\n}\n" +
		strings.Repeat("locals {\n}\n", n)
	if at, deep := tooDeep("a.sluice.hcl", []byte(text), false); deep {
		t.Errorf("refused at %v", at)
	}
}
