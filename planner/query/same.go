package query

import "slices"

// Same says whether two texts of pg_get_viewdef or pg_get_ruledef, read
// under an empty search_path from servers of whatever majors, are the same
// query. They may differ in white space, in parentheses around parentheses, and
// in the qualifiers of columns, which a view of one relation is written without
// since 16: SELECT o.id FROM orders o, SELECT id FROM orders o. In doubt they
// are not the same: what a major words otherwise in any other way, as 14 does
// with SUBSTRING(x FROM 1), is not.
//
//	walk both token by token; where one has a qualifier and the other has not
//	  skip it, if it names the only relation of the outermost query
//	  and what follows is a column: no type, no function, not in FROM
func Same(a, b string) bool {
	if a == b {
		return true
	}
	x, y := readQuery(a), readQuery(b)
	if x == nil || y == nil {
		return false
	}
	i, j := 0, 0
	for i < len(x.tokens) && j < len(y.tokens) {
		switch here, there := x.qualifier(i), y.qualifier(j); {
		case here && !there && x.spare(i, y, j):
			i += 2
		case there && !here && y.spare(j, x, i):
			j += 2
		}
		if x.tokens[i] != y.tokens[j] {
			return false
		}
		i, j = i+1, j+1
	}
	return i == len(x.tokens) && j == len(y.tokens)
}

// clause of the outermost query, as far as it matters to what a name means.
type clause int

const (
	elsewhere clause = iota
	from             // relations, not columns
	sorting          // a bare name is one of the result's columns first
)

// query is a text that was read.
type query struct {
	tokens  []token
	clauses []clause // of each token
	inner   []bool   // that each token belongs to a query within the outermost
	depths  []int    // parentheses around each token
	only    string   // the name of the outermost query's only relation; empty: there are more, or none
	named   []string // the columns of results that the text names: AS …
}

// readQuery is nil for a text that is none.
func readQuery(text string) *query {
	tokens := tokens(text)
	if tokens == nil {
		return nil
	}
	q := &query{tokens: unwrap(tokens)}
	if !q.place() {
		return nil
	}
	q.only = q.relation()
	return q
}

// place finds out where each token is. It is false where parentheses do not match.
func (q *query) place() bool {
	now, queries := elsewhere, []bool{false}
	distinctOn := false
	for i, t := range q.tokens {
		depth := len(queries) - 1
		if depth == 0 && !t.quoted {
			switch t.text {
			case "FROM":
				now = from
			case "ORDER":
				now = sorting
			case "SELECT", "WHERE", "GROUP", "HAVING", "WINDOW", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT", "EXCEPT":
				now = elsewhere
			case "ON":
				distinctOn = now == elsewhere // of DISTINCT ON; any other is in FROM
			}
		}
		if t.is("AS") && i+1 < len(q.tokens) {
			q.named = append(q.named, q.tokens[i+1].text)
		}
		if t.is(")") {
			queries = queries[:depth]
			if len(queries) == 0 {
				return false
			}
		}
		in := now
		if distinctOn {
			in = sorting
		}
		q.clauses, q.inner, q.depths = append(q.clauses, in), append(q.inner, queries[len(queries)-1]), append(q.depths, len(queries)-1)
		switch {
		case t.is("("):
			queries = append(queries, queries[depth] || i+1 < len(q.tokens) && q.tokens[i+1].begins())
		case t.is(")") && len(queries) == 1:
			distinctOn = false
		}
	}
	return len(queries) == 1
}

// relation is the name by which columns of the outermost query's only relation
// are qualified.
func (q *query) relation() (name string) {
	var before token
	begun := 0
	for i, t := range q.tokens {
		if q.depths[i] > 0 || t.is("FROM") && before.is("ROWS") { // ROWS FROM (…) is one relation
			continue
		}
		switch {
		case t.is("UNION"), t.is("INTERSECT"), t.is("EXCEPT"):
			return ""
		case t.is("FROM"):
			begun++
		case q.clauses[i] != from:
		case t.is(","), t.is("JOIN"), t.is("(") && before.is("FROM") && !q.tokens[min(i+1, len(q.tokens)-1)].begins():
			return ""
		case t.is("TABLESAMPLE"): // the method's name follows
			if begun == 1 {
				return name
			}
			return ""
		case t.name():
			name = t.text
		}
		before = t
	}
	if begun != 1 {
		return ""
	}
	return name
}

// qualifier says that token i is a name before a dot and another name.
func (q *query) qualifier(i int) bool {
	return i+2 < len(q.tokens) && q.tokens[i].name() && q.tokens[i+1].is(".") && q.tokens[i+2].name()
}

// spare says that the qualifier at i may be absent in another query, where the
// column is token j.
func (q *query) spare(i int, other *query, j int) bool {
	column := q.tokens[i+2]
	switch {
	case q.only == "" || q.only != other.only || q.tokens[i].text != q.only:
		return false
	case q.inner[i] || other.inner[j] || q.clauses[i] == from || q.clauses[i] != other.clauses[j]:
		return false
	case q.clauses[i] == sorting && q.alone(i, i+2) && (slices.Contains(q.named, column.text) || slices.Contains(other.named, column.text)):
		return false
	}
	return other.tokens[j] == column && q.column(i, i+2) && other.column(j, j)
}

// column says that the name from first to last can be nothing but a column's:
// no type, collation or function, and no part of a longer name.
func (q *query) column(first, last int) bool {
	if first == 0 {
		return false
	}
	before := q.tokens[first-1]
	if before.name() || slices.ContainsFunc([]string{".", "::", "AS", "COLLATE", "RETURNING", "OPERATOR"}, before.is) {
		return false
	}
	return last+1 >= len(q.tokens) || !q.tokens[last+1].is(".") && !q.tokens[last+1].is("(")
}

// alone says that the name from first to last may be all that is sorted by:
// then a column of the result comes before one of a relation. In doubt it is.
func (q *query) alone(first, last int) bool {
	before, after := first-1, last+1
	for before > 0 && after < len(q.tokens) && q.tokens[before].is("(") && q.tokens[after].is(")") {
		if called := q.tokens[before-1]; called.name() || called.is("COALESCE") {
			return false
		}
		before, after = before-1, after+1
	}
	return before < 0 || after >= len(q.tokens) || !q.tokens[before].operator() && !q.tokens[after].operator()
}
