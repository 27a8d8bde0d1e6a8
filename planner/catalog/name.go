package catalog

import "strings"

// Name is the name of something that lives in a schema, or, with an empty
// Schema, of something that belongs to the whole database.
type Name struct {
	Schema string
	Local  string
}

// SQL is the name as it stands in a statement, every part quoted.
func (n Name) SQL() string {
	if n.Schema == "" {
		return Quote(n.Local)
	}
	return Quote(n.Schema) + "." + Quote(n.Local)
}

// OperatorSQL is the name of an operator as it stands in an expression: its own
// part is made of symbols, which cannot be quoted.
func (n Name) OperatorSQL() string { return "operator(" + Quote(n.Schema) + "." + n.Local + ")" }

// String is the name as people read it: a part is quoted only where it would
// be ambiguous without.
func (n Name) String() string {
	if n.Schema == "" {
		return display(n.Local)
	}
	return display(n.Schema) + "." + display(n.Local)
}

// Quote returns an identifier quoted for SQL. It quotes always: a list of the
// keywords of every server version is one more thing to be wrong about.
func Quote(identifier string) string {
	return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"`
}

// QuoteAll quotes each identifier and joins them as a column list.
func QuoteAll(identifiers []string) string {
	quoted := make([]string, len(identifiers))
	for i, s := range identifiers {
		quoted[i] = Quote(s)
	}
	return strings.Join(quoted, ", ")
}

// Literal returns a string constant for SQL. A backslash switches to the form
// E'…', which reads the same whatever standard_conforming_strings says.
func Literal(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// display quotes a part of a name only where a reader could not tell where it
// ends: dots, quotes, backslashes, white space, control characters and the
// empty string. Different parts never display alike.
func display(part string) string {
	if isPlain(part) {
		return part
	}
	escaped := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(part)
	return Quote(escaped)
}

func isPlain(part string) bool {
	for i := range len(part) { // by byte: no other character has one of these in it
		if c := part[i]; c == '.' || c == '"' || c == '\\' || c <= ' ' || c == 0x7f {
			return false
		}
	}
	return part != ""
}
