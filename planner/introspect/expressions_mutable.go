package introspect

import (
	"encoding/json"
	"regexp"
	"strings"

	"sluice/planner/lexer"
)

// mutability asks the planner whether an expression is immutable, with all that
// it knows: inlined functions, folded constants, casts by input and output
// functions, branches that are never taken.
//
// It reasons about restrictions only as far as they contain no mutable function
// (relation_excluded_by_constraints in
// https://github.com/postgres/postgres/blob/master/src/backend/optimizer/util/plancat.c).
// So of a WHERE that contradicts itself over an immutable expression nothing is
// left but a Result that returns no row; over any other the row is scanned.
// num_nulls takes every type, is immutable and gives no constant, unless the
// expression is one. OFFSET 0 keeps the planner from putting the row's NULLs in
// the place of the columns, and there is no need of a table. What the planner
// takes for immutable, so does this: the checks of a domain, which give no other
// value but an error, and xmlelement (contain_mutable_functions in clauses.c,
// https://github.com/postgres/postgres/blob/master/src/backend/optimizer/util/clauses.c).
//
// That the expression
// is selected, too, has the executor check, before it would begin, that all of
// its functions may be called.
func (q *question) mutability() []trial {
	s := statement{piece: q.SQL}
	s.sql("explain (format json, costs off) select ").expression().sql(" from " + rowSQL(q.named, " offset 0"))
	s.sql(" where pg_catalog.num_nulls(").expression().sql(") > 0 and pg_catalog.num_nulls(").expression().sql(") < 0")
	trials := []trial{{sql: s.String(), run: true, take: func(o outcome) {
		if q.Refused = s.refusal(o.refused); q.Refused != nil {
			q.Uses, q.Stamps = nil, nil
			return
		}
		q.Mutable = q.Mutable || !contradicted(o)
	}}}
	return append(trials, q.clocks()...)
}

// contradicted says that the plan is a Result which returns no row.
func contradicted(o outcome) bool {
	if len(o.rows) != 1 {
		return false
	}
	var plans []struct {
		Plan struct {
			Type   string `json:"Node Type"`
			Filter string `json:"One-Time Filter"`
		}
	}
	err := json.Unmarshal([]byte(o.rows[0][0]), &plans)
	return err == nil && len(plans) == 1 && plans[0].Plan.Type == "Result" && plans[0].Plan.Filter == "false"
}

// clock are the words that the input of dates and times replaces by the time of
// the transaction. Such a literal is a constant by the time of planning.
// https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES
var clock = regexp.MustCompile(`(?i)now|today|tomorrow|yesterday`)

// invalidDatetime is the SQLSTATE of what is no date or time.
const invalidDatetime = "22007"

// clocks asks, where a string has such a word in it, whether it is read as a date
// or a time: with another word in its place it is none any more.
func (q *question) clocks() []trial {
	var trials []trial
	tokens := lexer.Tokens(q.SQL)
	for i, t := range tokens {
		if t.Kind != lexer.String || !clock.MatchString(t.Text) {
			continue
		}
		var other strings.Builder
		for j, u := range tokens {
			if i == j {
				u.Text = clock.ReplaceAllString(u.Text, "sluice")
			}
			other.WriteString(u.Text)
		}
		s := statement{piece: other.String()}
		s.sql("select ").expression().sql(" from " + rowSQL(q.named, ""))
		trials = append(trials, trial{sql: s.String(), take: func(o outcome) {
			q.Mutable = q.Mutable || q.Refused == nil && o.refused != nil && o.refused.Code == invalidDatetime
		}})
	}
	return trials
}
