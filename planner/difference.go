package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// columnDifference says how the columns of two tables differ in what matters to
// rows: name, type, and whether the table computes them. Order does not.
func columnDifference(source, target *catalog.Table) string {
	shape := func(c catalog.Column) string { return strings.TrimSpace(c.Type + " " + c.Generated) }
	var differ []string
	for _, c := range source.Columns {
		i := slices.IndexFunc(target.Columns, func(t catalog.Column) bool { return t.Name == c.Name })
		switch {
		case i < 0:
			differ = append(differ, c.Name+" is missing")
		case shape(c) != shape(target.Columns[i]):
			differ = append(differ, fmt.Sprintf("%s is %s, on the source %s", c.Name, shape(target.Columns[i]), shape(c)))
		}
	}
	for _, c := range target.Columns {
		if !hasColumn(source, c.Name) && c.NotNull && c.Default == "" && c.Identity == "" {
			differ = append(differ, c.Name+" is not on the source, and takes no null")
		}
	}
	return strings.Join(differ, "; ")
}

// difference says in which properties two objects of one kind differ.
func difference(source, target *catalog.Object) string {
	var differ []string
	if source.Comment != target.Comment {
		differ = append(differ, fmt.Sprintf("comment: %q, on the source %q", target.Comment, source.Comment))
	}
	if text := propertyDifference(source.Spec, target.Spec); text != "" {
		differ = append(differ, text)
	}
	return strings.Join(differ, "; ")
}

// propertyDifference says in which properties two plain structs of one type differ.
func propertyDifference(source, target any) string {
	var differ []string
	ours, theirs := properties(source), properties(target)
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		if !bytes.Equal(ours[name], theirs[name]) {
			differ = append(differ, fmt.Sprintf("%s: %s, on the source %s", strings.ToLower(name), short(theirs[name]), short(ours[name])))
		}
	}
	return strings.Join(differ, "; ")
}

func properties(of any) (values map[string]json.RawMessage) {
	text, err := json.Marshal(of)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		panic(fmt.Sprintf("planner: the properties of a catalog's object: %v", err)) // plain structs always can
	}
	return values
}

// short is a value in the space that a line has for it.
func short(value json.RawMessage) string {
	const most = 60
	if text := []rune(string(value)); len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(value)
}
