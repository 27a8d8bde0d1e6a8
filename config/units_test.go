package config

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

func TestRequiredVersion(t *testing.T) {
	for _, c := range []struct {
		constraints string
		want        bool
	}{
		{">= 0.1", true}, {">=0.1.3", false}, {"0.1.2", true}, {"= v0.1.2", true}, {"!= 0.1.2", false},
		{"< 1", true}, {"<= 0.1.1", false}, {"> 0.1.1, < 0.2", true}, {">= 0.1, < 0.1.2", false},
		{"~> 0.1", true}, {"~> 0.0.9", false}, {"~> 0.1.1", true}, {"~> 0", true}, {"~> 1.0", false},
	} {
		got, err := satisfies("0.1.2-dev", c.constraints)
		if err != nil || got != c.want {
			t.Errorf("0.1.2-dev against %q: %v, %v", c.constraints, got, err)
		}
	}
	for _, wrong := range []string{"", "newest", ">= 0.1,", ">= 0.1 < 2", "1.2.3.4", "99999999999999999999"} {
		if _, err := satisfies("0.1.2", wrong); err == nil {
			t.Errorf("%q is taken as a constraint", wrong)
		}
	}
}

func TestDefaultSlotIsAlwaysValidAndTellsKeysApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, key := rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_-]{0,80}`).Draw(t, "name"), rapid.String().Draw(t, "key")
		slot := defaultSlot(name, key)
		if _, err := readSlotName(cty.StringVal(slot)); err != nil {
			t.Fatal(err)
		}
	})
	long := strings.Repeat("a", 70)
	if defaultSlot("shop", long+"1") == defaultSlot("shop", long+"2") {
		t.Error("two long keys share a slot")
	}
}

func TestQuotedPartsMatchOnlyThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-c.*?\[\]\\" -]{1,8}`).Draw(t, "name")
		p, err := parsePattern(cty.StringVal(`public."`+strings.ReplaceAll(name, `"`, `""`)+`"`), 2)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := path.Match(p.Parts[1], name); !ok || err != nil {
			t.Fatalf("%q does not match %q: %v", p.Parts[1], name, err)
		}
		if ok, _ := path.Match(p.Parts[1], name+"x"); ok {
			t.Fatalf("%q matches more than %q", p.Parts[1], name)
		}
	})
}

func TestSizesAndDurations(t *testing.T) {
	for text, want := range map[string]any{
		"50MiB": Bytes(50 << 20), "1.5 KiB": Bytes(1536), "1MB": Bytes(1000000), "7B": Bytes(7),
		"12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "500ms": 500 * time.Millisecond,
		"": nil, "50": nil, "-1B": nil, "1e3B": nil, "9EiB": nil, "99999999999EiB": nil, "-1s": nil, "٣MiB": nil, "1d": nil,
	} {
		got, err := readThreshold(cty.StringVal(text))
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q (-want +got): %v\n%s", text, err, diff)
		}
	}
}

func TestShortDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"10m": 10 * time.Minute, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "20s": 20 * time.Second, "1m30s": 90 * time.Second, "0s": 0,
	} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v is written %s", d, got)
		}
	}
}

func TestOneLineKeepsStrings(t *testing.T) {
	c, _ := loadText("", `f={ n = { a = "{\n, }", bcd = 1 }, o = {} }`)
	if got, want := c.Variables[0].Value, `{ n = { a   = "{\n, }", bcd = 1 }, o = {} }`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// loadText loads one file, after a variable f of any object type.
func loadText(text string, vars ...string) (*Config, Diagnostics) {
	text = "variable \"f\" {\n  type = any\n  default = {}\n}\n" + strings.TrimSpace(text)
	if len(vars) > 0 {
		text = strings.Replace(text, "type = any", "type = object({ n = any, o = any })", 1)
	}
	return newLoader(Input{Vars: vars}).load(input{files: []namedText{{"a.sluice.hcl", []byte(text)}}})
}
