package config

import (
	"slices"
	"strings"
	"testing"
)

func addresses(c *Config) (all []string) {
	for _, m := range c.Migrations {
		all = append(all, m.Address)
	}
	return all
}

func withAddresses(t *testing.T) *Config {
	t.Helper()
	c, diags := newLoader(Input{}).load(input{files: []namedText{{name: "a.sluice.hcl", text: []byte(`
		source "old" { host = "old" }
		source "other" { host = "other" }
		target "new" { host = "new" }
		migration "shop" {
		  for_each        = toset(["crm", "a\"b"])
		  source          = source.old
		  target          = target.new
		  target_database = each.key
		}
		migration "été" {
		  source = source.other
		  target = target.new
		}`)}}})
	if diags.HasErrors() {
		t.Fatal(written(t, diags))
	}
	return c
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	const quoted, crm, plain = `migration.shop["a\"b"]`, `migration.shop["crm"]`, "migration.été"
	c := withAddresses(t)
	for name, one := range map[string]struct{ target, exclude, want []string }{
		"nothing is named":                     {nil, nil, []string{quoted, crm, plain}},
		"one instance":                         {[]string{crm}, nil, []string{crm}},
		"every instance of a block":            {[]string{"migration.shop"}, nil, []string{quoted, crm}},
		"several":                              {[]string{plain, quoted, plain}, nil, []string{quoted, plain}},
		"all but some":                         {nil, []string{quoted, plain}, []string{crm}},
		"some of what is named":                {[]string{"migration.shop"}, []string{crm}, []string{quoted}},
		"a name in Unicode's decomposed form":  {[]string{"migration.e\u0301te\u0301"}, nil, []string{plain}},
		"leaving out what is not named at all": {[]string{crm}, []string{plain}, []string{crm}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Narrow(one.target, one.exclude)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(addresses(got), one.want) {
				t.Errorf("got %q, want %q", addresses(got), one.want)
			}
			if len(got.Servers()) != 3 {
				t.Errorf("the servers are %v: those of migrations that are left out are missing", got.Servers())
			}
		})
	}
	if len(c.Migrations) != 3 {
		t.Error("the configuration itself was narrowed")
	}
}

func TestNarrowRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		target, exclude []string
		want            string
	}{
		"misspelt":           {[]string{"migration.shpo"}, nil, "-target=migration.shpo: there is no such migration. Did you mean migration.shop?"},
		"without its type":   {[]string{"été"}, nil, "Did you mean migration.été?"},
		"eaten by the shell": {nil, []string{"migration.shop[crm]"}, `Did you mean migration.shop["crm"]? In a shell it needs quotes: '-exclude=migration.shop["crm"]'.`},
		"like none":          {[]string{"warehouse"}, nil, `The configuration has migration.shop["a\"b"], migration.shop["crm"], migration.été.`},
		"several":            {[]string{"migration.x"}, []string{"migration.y"}, "-exclude=migration.y"},
		"all left out":       {nil, []string{"migration.shop", "migration.été"}, "-exclude leaves no migration"},
		"all that is named":  {[]string{"migration.shop"}, []string{"migration.shop"}, "-exclude leaves no migration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := withAddresses(t).Narrow(one.target, one.exclude)
			if err == nil {
				t.Fatalf("got %q", addresses(got))
			}
			if !strings.Contains(err.Error(), one.want) {
				t.Errorf("%v\nwant %s", err, one.want)
			}
		})
	}
}
