package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Replaced is the configuration with the tables that are to be loaded again in
// their migrations' Replace. A table's address is that of its migration, a dot
// and its name on the source: migration.shop["crm"].public.orders. Of the only
// migration there is the name alone is enough. An address that names no migration
// or no table is an error; whether there is such a table, only the source knows.
func (c *Config) Replaced(addresses []string) (*Config, error) {
	replaced := *c
	replaced.Migrations = slices.Clone(c.Migrations)
	var problems []error
	for _, given := range addresses {
		if err := replaced.replace(given); err != nil {
			problems = append(problems, fmt.Errorf("-replace=%s: %w", given, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &replaced, nil
}

func (c *Config) replace(given string) error {
	name := given
	of := func(Migration) bool { return true }
	if label, ok := strings.CutPrefix(given, "migration."); ok {
		head, rest := c.cutAddress(given)
		if head == "" {
			label, _, _ = strings.Cut(label, ".")
			return fmt.Errorf("there is no such migration.%s", c.meant("replace", label))
		}
		name, of = rest, func(m Migration) bool { return m.has(head) }
	} else if len(c.Migrations) != 1 {
		return fmt.Errorf("the configuration has %d migrations: say which one's table it is, as migration.NAME.%s", len(c.Migrations), given)
	}
	parts, err := parseName(name, 2)
	if err != nil {
		return err
	}
	for i := range c.Migrations {
		if m := &c.Migrations[i]; of(*m) {
			m.Replace = append(slices.Clip(m.Replace), TableName{Schema: parts[0], Name: parts[1]})
		}
	}
	return nil
}

// cutAddress cuts a table's address behind that of its migration: behind the
// longest that is one, since a name may hold dots. Empty: none is.
func (c *Config) cutAddress(given string) (migration, table string) {
	for i := range len(given) {
		if given[i] == '.' && slices.ContainsFunc(c.Migrations, func(m Migration) bool { return m.has(given[:i]) }) {
			migration, table = given[:i], given[i+1:]
		}
	}
	return migration, table
}
