package ddl

import (
	"regexp"
	"strings"

	"sluice/planner/catalog"
)

var (
	plainOption = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	plainValue  = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|true|false|on|off)$`)
)

// with is the WITH clause for storage parameters as pg_class.reloptions holds
// them ("fillfactor=70"), after lead; empty where there are none.
func with(lead string, options []string) string {
	if len(options) == 0 {
		return ""
	}
	return lead + "with (" + optionList(options, "") + ")"
}

// optionList writes name=value pairs, each name with that prefix. Names are
// labels in PostgreSQL's grammar, so that even a keyword needs no quotes.
func optionList(options []string, prefix string) string {
	list := make([]string, len(options))
	for i, option := range options {
		name, value, valued := strings.Cut(option, "=")
		if !plainOption.MatchString(name) {
			name = catalog.Quote(name)
		}
		list[i] = prefix + name
		if !valued {
			continue
		}
		if !plainValue.MatchString(value) {
			value = catalog.Literal(value)
		}
		list[i] += "=" + value
	}
	return strings.Join(list, ", ")
}

// storageParameters are those of a relation and of its TOAST table, on a line
// of their own.
func storageParameters(options, toast []string) string {
	var lists []string
	if len(options) > 0 {
		lists = append(lists, optionList(options, ""))
	}
	if len(toast) > 0 {
		lists = append(lists, optionList(toast, "toast."))
	}
	if len(lists) == 0 {
		return ""
	}
	return "\nwith (" + strings.Join(lists, ", ") + ")"
}
