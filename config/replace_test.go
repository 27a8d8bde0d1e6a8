package config

import (
	"slices"
	"strings"
	"testing"
)

func TestReplaced(t *testing.T) {
	t.Parallel()
	orders, dotted := TableName{"public", "orders"}, TableName{"public", "a.b"}
	c := withAddresses(t)
	for given, want := range map[string]map[string][]TableName{
		`migration.shop["crm"].public.orders`:     {`migration.shop["crm"]`: {orders}},
		`migration.shop["a\"b"].public.orders`:    {`migration.shop["a\"b"]`: {orders}},
		`migration.shop.public."a.b"`:             {`migration.shop["crm"]`: {dotted}, `migration.shop["a\"b"]`: {dotted}},
		"migration.e\u0301te\u0301.public.orders": {"migration.été": {orders}},
	} {
		got, err := c.Replaced([]string{given})
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		for _, m := range got.Migrations {
			if !slices.Equal(m.Replace, want[m.Address]) {
				t.Errorf("%s: %s replaces %v", given, m.Address, m.Replace)
			}
		}
	}
	one, err := c.Narrow([]string{"migration.été"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err = one.Replaced([]string{"public.orders", `public."a.b"`})
	if err != nil || !slices.Equal(one.Migrations[0].Replace, []TableName{orders, dotted}) {
		t.Errorf("%v, %v", one, err)
	}
	if c.Migrations[2].Replace != nil {
		t.Error("the configuration itself was changed")
	}
}

func TestReplacedRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"migration.shpo.public.orders": "there is no such migration. Did you mean migration.shop?",
		"migration.shop":               "there is no such migration",
		"migration.shop.orders":        `Did you mean "public.orders"?`,
		"migration.shop.public.*":      "looks like a pattern",
		"public.orders":                "has 3 migrations: say which one's table it is, as migration.NAME.public.orders",
	} {
		_, err := withAddresses(t).Replaced([]string{given})
		if err == nil || !strings.Contains(err.Error(), "-replace="+given+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", given, err, want)
		}
	}
}
