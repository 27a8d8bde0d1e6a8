package introspect

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/planner/catalog"
)

var (
	//go:embed sql/expression_settings.sql
	expressionSettingsSQL string
	//go:embed sql/expression_columns.sql
	expressionColumnsSQL string
	//go:embed sql/expression_types.sql
	expressionTypesSQL string
)

// Check has the source judge declared expressions, and returns them in their
// order with its answers. What is wrong with one is its Refused; of one whose
// table or column the source has not, nothing is filled in. An error says that
// the connection fails.
//
//	read the columns of each table
//	parse each expression and each type: what is refused, and what is given
//	parse again without each column that is named: fails where it is read;
//	  and plan: what the planner dares to reason about is immutable
//	ask how the types relate
//
// Each step is one round trip, however many expressions there are. No table is
// opened and no row read: the columns are NULLs of their types. So neither
// privileges on tables nor row level security matter, nor what else holds locks;
// those on functions, types and schemas do, and are a refusal. But the server
// calls immutable functions of constants, and may call stable ones, when it
// plans; and it logs what it refuses as errors. Therefore what is read is taken
// from the text, and not found out by leaving it out: it may be too much.
//
// conn must be in no transaction. Check has one of its own, READ ONLY, rolls it
// back, and leaves the session's settings as they were.
func Check(ctx context.Context, conn *pgx.Conn, declared []catalog.Expression) ([]catalog.Expression, error) {
	if len(declared) == 0 {
		return nil, nil
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("beginning to check expressions: %w", err)
	}
	// Nothing to commit. After a cancelled ctx pgx has closed the connection, and this returns at once.
	defer tx.Rollback(context.WithoutCancel(ctx))

	if _, err := tx.Exec(ctx, expressionSettingsSQL); err != nil {
		return nil, fmt.Errorf("pinning the settings: %w", err)
	}
	if _, err := tx.Exec(ctx, "savepoint "+trialSavepoint); err != nil {
		return nil, fmt.Errorf("beginning to check expressions: %w", err)
	}
	answered, err := checkAll(ctx, conn.PgConn(), declared)
	if err != nil {
		return nil, fmt.Errorf("checking expressions: %w", err)
	}
	return answered, nil
}

func checkAll(ctx context.Context, conn *pgconn.PgConn, declared []catalog.Expression) ([]catalog.Expression, error) {
	tables, err := rowsOf(ctx, conn, declared)
	if err != nil {
		return nil, err
	}
	answered := slices.Clone(declared)
	var asked []*question
	for i := range answered {
		if q := ask(&answered[i], tables[answered[i].Table]); q != nil {
			asked = append(asked, q)
		}
	}
	for _, step := range []func(*question) []trial{(*question).parse, (*question).look, (*question).compare} {
		var trials []trial
		for _, q := range asked {
			trials = append(trials, step(q)...)
		}
		if err := try(ctx, conn, trials); err != nil {
			return nil, err
		}
	}
	return answered, nil
}

// rowColumn is a column of the row that expressions are over, or a stamp.
type rowColumn struct {
	name     string
	sql      string // its type, with a collation that is not the type's
	oid      string
	modifier string
}

// rowsOf are the columns of the tables that there are.
func rowsOf(ctx context.Context, conn *pgconn.PgConn, declared []catalog.Expression) (map[catalog.Name][]rowColumn, error) {
	tables := map[catalog.Name][]rowColumn{}
	asked := map[catalog.Name]bool{}
	var trials []trial
	for _, e := range declared {
		if asked[e.Table] || !sendable(e.Table.Schema) || !sendable(e.Table.Local) {
			continue
		}
		asked[e.Table] = true
		trials = append(trials, trial{
			sql: expressionColumnsSQL, args: []string{e.Table.Schema, e.Table.Local}, run: true,
			take: func(o outcome) {
				for _, row := range o.rows { // none either where the name is not of the server's encoding
					if tables[e.Table] == nil {
						tables[e.Table] = []rowColumn{}
					}
					if row[0] != "" {
						tables[e.Table] = append(tables[e.Table], rowColumn{row[0], row[1], row[2], row[3]})
					}
				}
			},
		})
	}
	return tables, try(ctx, conn, trials)
}

// question is an expression while it is checked.
type question struct {
	*catalog.Expression             // Refused, once it is set, ends what concerns SQL
	of                  rowColumn   // the column whose value it is; zero: none
	columns             []rowColumn // of the table
	stamps              []rowColumn // that it may read
	named               []rowColumn // of both, what the text names
	result, resultMod   string      // OIDs and modifiers, as text; OID 0: unknown
	as, asMod           string
	ofType              *catalog.Refusal
}

// ask is what is to be found out about an expression; nil: there is no such table
// (nil columns) or no such column.
func ask(e *catalog.Expression, columns []rowColumn) *question {
	if columns == nil {
		return nil
	}
	q := &question{Expression: e, columns: columns, result: "0", resultMod: "-1", as: "0", asMod: "-1"}
	if e.Column != "" {
		i := slices.IndexFunc(columns, func(c rowColumn) bool { return c.name == e.Column })
		if i < 0 {
			return nil
		}
		q.of = columns[i]
	}
	if filter := e.Column == "" && e.Type == "boolean"; !filter {
		q.stamps = stampsBeside(columns)
	}
	e.Refused = refuseText(e.SQL)
	for _, c := range slices.Concat(q.columns, q.stamps) {
		if mentions(e.SQL, c.name) {
			q.named = append(q.named, c)
		}
	}
	return q
}

// stampsBeside are the stamps that no column hides.
func stampsBeside(columns []rowColumn) []rowColumn {
	var stamps []rowColumn
	for _, s := range catalog.Stamps {
		if !slices.ContainsFunc(columns, func(c rowColumn) bool { return c.name == string(s.Stamp) }) {
			stamps = append(stamps, rowColumn{name: string(s.Stamp), sql: s.Type})
		}
	}
	return stamps
}

// parse asks what the expression gives, and what type is declared for it.
func (q *question) parse() []trial {
	return slices.Concat(q.parseSQL(), q.parseType())
}

// parseSQL has the expression twice in a statement: in WHERE, too, there may be
// no aggregates, no window functions and no functions that return sets.
func (q *question) parseSQL() []trial {
	if q.Refused != nil {
		return nil
	}
	s := statement{piece: q.SQL}
	s.sql("select ").expression()
	s.sql(" from " + rowSQL(slices.Concat(q.columns, q.stamps), "")).sql(" where pg_catalog.num_nulls(").expression().sql(") >= 0")
	return []trial{{sql: s.String(), take: func(o outcome) {
		if q.Refused = s.refusal(o.refused); q.Refused == nil {
			q.result, q.resultMod = described(o)
		}
	}}}
}

// A domain is described as what it is over, and a polymorphic type as text: these
// ask for the OID itself. What is between the last two is never evaluated.
const (
	typeSQL      = "select pg_catalog.to_regtype($1)::pg_catalog.oid"
	typeofBegins = "select pg_catalog.pg_typeof((select "
	typeofEnds   = " where false))::pg_catalog.oid"
)

// parseType reads a type where nothing but a type can be.
func (q *question) parseType() []trial {
	if q.Type == "" {
		if q.of.oid != "" {
			q.as, q.asMod = q.of.oid, q.of.modifier
		}
		return nil
	}
	if q.ofType = refuseTypeText(q.Type); q.ofType != nil {
		return nil
	}
	s := statement{piece: q.Type}
	s.sql("select ").castToPiece()
	return []trial{
		{sql: s.String(), take: func(o outcome) {
			if q.ofType = s.refusal(o.refused); q.ofType == nil {
				q.as, q.asMod = described(o)
			}
		}},
		{sql: typeSQL, args: []string{q.Type}, run: true, take: func(o outcome) {
			if q.ofType == nil {
				q.as, q.asMod = exactly(o, q.as, q.asMod)
			}
		}},
	}
}

// look asks what is left once it is known that the expression is one: its exact
// type, what it reads, and whether it is mutable.
func (q *question) look() []trial {
	if q.Refused != nil {
		return nil
	}
	typeof := statement{piece: q.SQL}
	typeof.sql(typeofBegins).expression().sql(typeofEnds + " from " + rowSQL(q.named, ""))
	trials := []trial{{sql: typeof.String(), run: true, take: func(o outcome) {
		q.result, q.resultMod = exactly(o, q.result, q.resultMod)
	}}}
	for _, c := range q.named {
		if mayRead(q.SQL, c.name) {
			q.reads(c)
		}
	}
	return append(trials, q.mutability()...)
}

// reads notes a column, or a stamp.
func (q *question) reads(c rowColumn) {
	if c.oid == "" {
		q.Stamps = append(q.Stamps, catalog.Stamp(c.name))
		return
	}
	q.Uses = append(q.Uses, c.name)
}

// compare asks how what it gives and what it is to give relate, and fills in
// both.
func (q *question) compare() []trial {
	args := []string{q.result, q.resultMod, q.as, q.asMod}
	return []trial{{sql: expressionTypesSQL, args: args, run: true, take: q.takeTypes}}
}

func (q *question) takeTypes(o outcome) {
	if len(o.rows) == 1 {
		row := o.rows[0]
		is := func(i int) bool { return row[i] == "t" }
		q.As, q.Base = row[1], row[2]
		if is(5) {
			q.ofType = &catalog.Refusal{Message: "a column cannot have the pseudo-type " + q.As, OfType: true}
			q.As, q.Base = "", ""
		}
		if q.Refused == nil {
			q.Result = row[0]
			q.Fits = q.Base != "" && (is(3) || isNull(q.SQL) || is(4) && isString(q.SQL))
		}
		q.Stable = q.Base != "" && stable(oid(row[6]), oid(row[7]))
	}
	if q.Refused == nil && q.ofType != nil {
		q.Refused = q.ofType
		q.Refused.OfType = true
	}
}

func oid(text string) uint32 {
	n, _ := strconv.ParseUint(text, 10, 32) // of the server's own making
	return uint32(n)
}
