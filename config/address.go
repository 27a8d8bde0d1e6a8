package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// manyAddresses is how many a message lists; of more, the first and the last.
const manyAddresses = 10

// address is the name of a migration in state: migration.shop["crm"].
func address(name, key string, keyed bool) string {
	if !keyed {
		return "migration." + name
	}
	return "migration." + name + "[" + string(hclwrite.TokensForValue(cty.StringVal(key)).Bytes()) + "]"
}

// has says that an address is the migration's, or that of the block it is an
// instance of.
func (m Migration) has(address string) bool {
	address = composed(address)
	return address == m.Address || address == "migration."+m.Name
}

// Narrow is the configuration with the migrations that target names, all of
// them where it names none, less those that exclude names. An address that is
// none of the configuration's is an error, and so is leaving out everything.
func (c *Config) Narrow(target, exclude []string) (*Config, error) {
	if err := errors.Join(c.unknown("target", target), c.unknown("exclude", exclude)); err != nil {
		return nil, err
	}
	narrow := *c
	narrow.Migrations = nil
	for _, m := range c.Migrations {
		taken := len(target) == 0 || slices.ContainsFunc(target, m.has)
		if taken && !slices.ContainsFunc(exclude, m.has) {
			narrow.Migrations = append(narrow.Migrations, m)
		}
	}
	if len(narrow.Migrations) == 0 && len(exclude) > 0 {
		return nil, errors.New("-exclude leaves no migration, so there is nothing to do: take one out of it")
	}
	return &narrow, nil
}

// unknown reports the addresses given to a flag that are no migration's.
func (c *Config) unknown(flag string, addresses []string) error {
	var problems []error
	for _, given := range addresses {
		known := slices.ContainsFunc(c.Migrations, func(m Migration) bool { return m.has(given) })
		if !known {
			problems = append(problems, fmt.Errorf("-%s=%s: there is no such migration.%s", flag, given, c.meant(flag, given)))
		}
	}
	return errors.Join(problems...)
}

// meant says which address a wrong one may have meant. That all begin with
// migration says nothing about what is near.
func (c *Config) meant(flag, given string) string {
	var names, all []string
	for _, m := range c.Migrations {
		names = append(names, m.Name, strings.TrimPrefix(m.Address, "migration."))
		all = append(all, m.Address)
	}
	near := nearest(strings.TrimPrefix(given, "migration."), names)
	switch {
	case strings.Contains(near, "["):
		return fmt.Sprintf(" Did you mean migration.%s? In a shell it needs quotes: '-%[2]s=migration.%[1]s'.", near, flag)
	case near != "":
		return fmt.Sprintf(" Did you mean migration.%s?", near)
	case len(all) == 0:
		return " The configuration has none: the for_each of every migration is empty."
	case len(all) > manyAddresses:
		return fmt.Sprintf(" The configuration has %d, from %s to %s.", len(all), all[0], all[len(all)-1])
	}
	return " The configuration has " + strings.Join(all, ", ") + "."
}
