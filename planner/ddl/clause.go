package ddl

import "strings"

// clause is where one of these words first stands in a definition of the
// server's, outside of parentheses, strings and names; its length, if nowhere.
// The server doubles quotes and nothing else, also in E'…'.
func clause(definition string, words ...string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(definition); i++ {
		switch c := definition[i]; {
		case quote != 0:
			if c == quote {
				quote = 0 // of a doubled one the second opens the next
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ' ' && depth == 0:
			for _, word := range words {
				if strings.HasPrefix(definition[i+1:], word) {
					return i
				}
			}
		}
	}
	return len(definition)
}

// insert puts text into a definition before the first of these clauses.
func insert(definition, text string, before ...string) string {
	if text == "" {
		return definition
	}
	at := clause(definition, before...)
	return definition[:at] + text + definition[at:]
}
