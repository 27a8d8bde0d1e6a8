package planner

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
	"sluice/planner/mapping"
)

// Expressions are the filters and values that are declared, for the source to
// say what they are: Build looks for the answers in the source's catalog.
func (s Spec) Expressions() (declared []catalog.Expression) {
	for i := range s.Tables {
		t := &s.Tables[i]
		if t.Where.SQL != "" {
			declared = append(declared, t.filter())
		}
		for _, c := range t.Columns {
			if c.computed() {
				declared = append(declared, t.value(c))
			}
		}
	}
	return declared
}

func (t *TableRule) filter() catalog.Expression {
	return catalog.Expression{Table: t.Table, SQL: t.Where.SQL, Filter: true, Type: "boolean"}
}

func (t *TableRule) value(c ColumnRule) catalog.Expression {
	kind, _ := splitNotNull(c.Type.SQL)
	e := catalog.Expression{Table: t.Table, Column: c.Column, SQL: c.Value.SQL, Type: kind}
	switch {
	case c.Add:
		e.Column = ""
	case e.SQL == "":
		e.SQL = c.castTo() + kind + ")"
	}
	return e
}

// castTo is what is put before the type of a column without a value, to make one.
func (c ColumnRule) castTo() string { return "cast(" + catalog.Quote(c.Column) + " as " }

// computed says that the column does not travel as it is.
func (c ColumnRule) computed() bool { return c.Value.SQL != "" || c.Type.SQL != "" }

// splitNotNull takes NOT NULL off the end of a column's type.
func splitNotNull(declared string) (kind string, notNull bool) {
	words := strings.Fields(declared)
	n := len(words) - 2
	if n > 0 && strings.EqualFold(words[n], "not") && strings.EqualFold(words[n+1], "null") {
		return strings.Join(words[:n], " "), true
	}
	return declared, false
}

// behind is the text for a source that has it behind another one.
func (t Text) behind(prefix string) Text {
	return Text{SQL: t.SQL, Place: t.Place, At: func(character int) Place { return t.at(character - utf8.RuneCountInString(prefix)) }}
}

func (t Text) at(character int) Place {
	if t.At == nil || character < 1 {
		return t.Place
	}
	return t.At(character)
}

// oneLine is SQL for a sentence.
func oneLine(sql string) string {
	const most = 60
	words := []rune(strings.Join(strings.Fields(sql), " "))
	if len(words) > most {
		words = append(words[:most], '…')
	}
	return string(words)
}

// answer is what the source says of an expression; zero where it was not asked,
// since there is no such table or column.
func (b *builder) answer(asked catalog.Expression) catalog.Expression {
	for _, e := range b.answers {
		if e.Table == asked.Table && e.Column == asked.Column && e.Filter == asked.Filter && e.SQL == asked.SQL && e.Type == asked.Type {
			return e
		}
	}
	return catalog.Expression{}
}

// transform checks the filters and values that are declared, and gives the tables
// of the source the columns that they get on the target: added ones, and other
// types. The tables below get them too. asRead keeps what is on the source.
func (b *builder) transform() {
	b.asRead = map[*catalog.Object]*catalog.Table{}
	added := int16(0)
	for i := range b.spec.Tables {
		rule := &b.spec.Tables[i]
		o := b.related.Relation(rule.Table)
		if o == nil || o.Table() == nil {
			continue // C106 says so
		}
		if rule.Where.SQL != "" && b.isTable(o, rule.Where.Place) {
			b.checkExpression(o, b.answer(rule.filter()), rule.Where, Text{})
		}
		for _, c := range rule.Columns {
			if !c.computed() || !b.isTable(o, c.Place) || !b.mayCompute(o, c) {
				continue
			}
			e := b.answer(rule.value(c))
			value := c.Value
			if value.SQL == "" {
				value = c.Type.behind(c.castTo())
			}
			if b.checkExpression(o, e, value, c.Type) && c.Type.SQL != "" {
				added++
				b.giveType(o, c, e, -added)
			}
		}
	}
	if len(b.asRead) > 0 {
		b.related = mapping.Relate(b.source)
	}
}

// giveType adds a column to a table and those below, or gives it another type. An
// added one gets a number that no column of the source has.
func (b *builder) giveType(o *catalog.Object, c ColumnRule, e catalog.Expression, number int16) {
	_, notNull := splitNotNull(c.Type.SQL)
	for _, name := range b.related.Below(o.ID.Qualified()) {
		below := b.related.Relation(name)
		table, ok := below.Spec.(*catalog.Table)
		if !ok {
			b.cannotTransform(below, c.Place, fmt.Sprintf("%s, below %s, has its rows on another server", below.ID, o.ID))
			return
		}
		if b.asRead[below] == nil {
			b.asRead[below] = table
		}
		reshaped := *table
		reshaped.Columns = slices.Clone(table.Columns)
		switch i := slices.IndexFunc(table.Columns, func(on catalog.Column) bool { return on.Name == c.Column }); {
		case c.Add && i >= 0:
			b.cannotTransform(below, c.Place, fmt.Sprintf("%s, below %s, has a column %s already", below.ID, o.ID, c.Column), "add it under another name")
			return
		case c.Add:
			reshaped.Columns = append(reshaped.Columns, catalog.Column{
				Name: c.Column, Type: e.As, Number: number, NotNull: notNull, Statistics: -1, Options: []string{}, Stable: e.Stable,
				Inherited: below != o, NotNullInherited: notNull && below != o,
			})
		default:
			column := &reshaped.Columns[i]
			column.Type, column.Stable = e.As, e.Stable
			column.NotNull = column.NotNull || notNull
			column.Ordered, column.Collation, column.Storage, column.TypeOID = false, "", "", 0
		}
		below.Spec = &reshaped
		below.Depends = b.withType(below.Depends, e.As)
	}
}

// withType adds a type of the source, by its format_type, to what a table depends on.
func (b *builder) withType(depends []catalog.ID, kind string) []catalog.ID {
	named := typeName(kind)
	for i := range b.source.Objects {
		id := b.source.Objects[i].ID
		if id.Kind != catalog.KindType && id.Kind != catalog.KindDomain || id.Qualified() != named || slices.Contains(depends, id) {
			continue
		}
		depends = append(slices.Clone(depends), id)
		slices.SortFunc(depends, catalog.Compare)
		return depends
	}
	return depends
}

// typeName is the name of a type, or of an array's elements, where format_type
// gives it a schema.
func typeName(kind string) (n catalog.Name) {
	tokens := lexer.Tokens(strings.TrimSuffix(kind, "[]"))
	if len(tokens) == 3 && tokens[1].Is(".") {
		n.Schema, _ = tokens[0].Name()
		n.Local, _ = tokens[2].Name()
	}
	return n
}

// onRead are the columns of a table as they are on the source.
func (b *builder) onRead(o *catalog.Object) []catalog.Column {
	origin := b.origin(o)
	if read := b.asRead[origin]; read != nil {
		return read.Columns
	}
	return origin.Table().Columns
}

// filterOf is the filter of a table: its own, or that of the nearest above it, to
// which its rows belong too; nil: every row goes.
func (b *builder) filterOf(o *catalog.Object) *Expression {
	rule := b.filterRule(o)
	if rule == nil {
		return nil
	}
	e := b.answer(rule.filter())
	return &Expression{SQL: rule.Where.SQL, Base: e.Base, Type: e.As, Uses: e.Uses}
}

func (b *builder) filterRule(o *catalog.Object) *TableRule {
	if len(b.answers) == 0 {
		return nil
	}
	for _, name := range append([]catalog.Name{o.ID.Qualified()}, b.ancestors(o.ID.Qualified())...) {
		table := b.related.Relation(name)
		if table == nil {
			continue
		}
		if rule := b.tableRule(table); rule != nil && rule.Where.SQL != "" {
			return rule
		}
	}
	return nil
}

// valueOf is the value that is declared for a column, by its name on the source;
// nil: its own.
func (b *builder) valueOf(o *catalog.Object, column string) *Expression {
	if len(b.answers) == 0 {
		return nil
	}
	for _, name := range append([]catalog.Name{o.ID.Qualified()}, b.ancestors(o.ID.Qualified())...) {
		relation := b.related.Relation(name)
		if relation == nil {
			continue
		}
		rule := b.tableRule(relation)
		if rule == nil {
			continue
		}
		for _, c := range rule.Columns {
			if c.Column != column || !c.computed() {
				continue
			}
			e := b.answer(rule.value(c))
			sql := c.Value.SQL
			if sql == "" {
				sql = catalog.Quote(column)
			}
			return &Expression{SQL: sql, Base: e.Base, Type: e.As, Uses: e.Uses, Stamps: e.Stamps}
		}
	}
	return nil
}

// transformNotes say what happens to the rows of a table on their way.
func (s *CopySpec) transformNotes() (notes []string) {
	for _, c := range s.Columns {
		switch {
		case c.Value == nil:
		case c.Value.SQL == catalog.Quote(c.From):
			notes = append(notes, c.Name+" becomes "+c.Value.Type)
		default:
			notes = append(notes, c.Name+" is "+oneLine(c.Value.SQL))
		}
	}
	if s.Where != nil {
		notes = append(notes, "where "+oneLine(s.Where.SQL))
	}
	return notes
}
