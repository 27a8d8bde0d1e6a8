package ddl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/planner/catalog"
)

// named holds an object of every kind whose names and texts all come from next,
// which each of them asks for in the same order.
func named(next func() string) []catalog.Object {
	name := func() catalog.Name { return catalog.Name{Schema: next(), Local: next()} }
	id := func(kind catalog.Kind) catalog.ID {
		return catalog.ID{Kind: kind, Schema: next(), Table: next(), Name: next()}
	}
	object := func(kind catalog.Kind, spec catalog.Spec) catalog.Object {
		return catalog.Object{ID: id(kind), Comment: next(), Spec: spec}
	}
	column := func(inherited bool) catalog.Column {
		return catalog.Column{Name: next(), Type: "bigint", Identity: "always", Inherited: inherited, Comment: next(),
			Sequence: &catalog.IdentitySequence{Name: name()}, Storage: "plain"}
	}
	function := func() string { return name().SQL() }
	text := func() *string { s := next(); return &s }
	notNull := func(inherited bool) catalog.Column {
		return catalog.Column{Name: next(), Type: "text", Inherited: inherited, NotNull: true, NotNullName: next(), NotNullComment: next()}
	}
	targets := []catalog.IndexStatistics{{Column: 1, Target: 7}}
	return []catalog.Object{
		{ID: catalog.ID{Kind: catalog.KindSchema, Name: next()}, Comment: next(), Spec: &catalog.Schema{}},
		object(catalog.KindType, &catalog.Enum{Labels: []string{next(), next()}}),
		object(catalog.KindDomain, &catalog.Domain{Type: "text", Checks: []catalog.DomainCheck{
			{Name: next(), Definition: "CHECK (true)", Comment: next()},
			{Name: next(), Definition: "CHECK (true) NOT VALID"},
		}, NotNull: true, NotNullName: next(), NotNullComment: next()}),
		object(catalog.KindType, &catalog.Composite{Attributes: []catalog.Attribute{
			{Name: next(), Type: "integer", Comment: next()}, {Name: next(), Type: "text", Collation: function()},
		}}),
		object(catalog.KindType, &catalog.Range{Subtype: "text", OperatorClass: function(), Collation: function(), Canonical: function(),
			SubtypeDiff: function(), Multirange: name()}),
		object(catalog.KindType, &catalog.Base{Input: function(), Output: function(), Receive: function(), Send: function(),
			ModifierIn: function(), ModifierOut: function(), Analyze: function(), Subscript: function(), Category: next(),
			Delimiter: next(), Default: text()}),
		object(catalog.KindType, &catalog.Shell{}),
		object(catalog.KindCollation, &catalog.Collation{Provider: "icu", Locale: next(), Rules: next()}),
		object(catalog.KindCollation, &catalog.Collation{Provider: "libc", Collate: next(), Ctype: "POSIX"}),
		object(catalog.KindConversion, &catalog.Conversion{Source: next(), Destination: next(), Function: function(), Default: true}),
		object(catalog.KindCast, &catalog.Cast{Source: "integer", Target: "text", Method: "function", Function: function() + "(integer)"}),
		{ID: catalog.ID{Kind: catalog.KindTransform, Name: "integer[]", Args: next()}, Comment: next(),
			Spec: &catalog.Transform{Type: "integer[]", FromSQL: function() + "(internal)", ToSQL: function() + "(internal)"}},
		object(catalog.KindLanguage, &catalog.Language{Handler: function(), Inline: function(), Validator: function()}),
		object(catalog.KindAccessMethod, &catalog.AccessMethod{Type: "index", Handler: function()}),
		object(catalog.KindParser, &catalog.Parser{Start: function(), Token: function(), End: function(), LexTypes: function(), Headline: function()}),
		object(catalog.KindTemplate, &catalog.Template{Init: function(), Lexize: function()}),
		object(catalog.KindDictionary, &catalog.Dictionary{Template: function()}),
		object(catalog.KindConfiguration, &catalog.Configuration{Parser: function(), Mappings: []catalog.TokenMapping{
			{Token: next(), Dictionaries: []string{function(), function()}}}}),
		object(catalog.KindSequence, &catalog.Sequence{OwnedBy: &catalog.ColumnRef{Table: name(), Column: next()}}),
		object(catalog.KindFunction, &catalog.Function{}),
		object(catalog.KindTable, &catalog.Table{Columns: []catalog.Column{column(false)}, AccessMethod: next(), Tablespace: next(),
			Identity: catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: next()}, RowSecurity: true, ForceRowSec: true}),
		object(catalog.KindTable, &catalog.Table{Columns: []catalog.Column{column(true)}, Of: name(), Bound: "DEFAULT"}),
		object(catalog.KindTable, &catalog.Table{Columns: []catalog.Column{column(true)}, Inherits: []catalog.Name{name(), name()}}),
		object(catalog.KindTable, &catalog.Table{Columns: []catalog.Column{column(false)}, Inherits: []catalog.Name{name()}}),
		object(catalog.KindTable, &catalog.Table{Columns: []catalog.Column{column(true), column(false)}, Inherits: []catalog.Name{name()}, Patchwork: true}),
		object(catalog.KindTable, &catalog.Table{Type: name(), Columns: []catalog.Column{{Name: next(), NotNull: true, Comment: next()}}}),
		{ID: catalog.ID{Kind: catalog.KindWrapper, Name: next()}, Comment: next(), Spec: &catalog.Wrapper{Options: []string{"a=" + next()}}},
		{ID: catalog.ID{Kind: catalog.KindServer, Name: next()}, Comment: next(),
			Spec: &catalog.ForeignServer{Wrapper: next(), Type: next(), Version: next(), Options: []string{"a=" + next()}}},
		{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: next(), Args: next()}, Spec: &catalog.UserMapping{Options: []string{"a=" + next()}}},
		object(catalog.KindForeignTable, &catalog.ForeignTable{Server: next(), Fetch: []string{"a=" + next()},
			Table: catalog.Table{Inherits: []catalog.Name{name()}, Columns: []catalog.Column{{Name: next(), Type: "text", Fetch: []string{"a=" + next()}, Comment: next()}}}}),
		object(catalog.KindView, &catalog.View{Columns: viewColumns(next(), next()), Options: []string{"a=" + next()}}),
		object(catalog.KindMaterializedView, &catalog.MaterializedView{Columns: viewColumns(next())}),
		object(catalog.KindView, &catalog.View{Columns: []catalog.ViewColumn{{Name: next(), Default: "1", Comment: next()}}}),
		object(catalog.KindMaterializedView, &catalog.MaterializedView{AccessMethod: next(), Tablespace: next(),
			ToastOptions: []string{"a=" + next()}, Columns: []catalog.ViewColumn{{Name: next(), Storage: "main", Comment: next()}}}),
		object(catalog.KindIndex, &catalog.Index{Table: name(), Of: name(), Clustered: true}),
		object(catalog.KindConstraint, &catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (a)", Of: name(), Clustered: true}),
		object(catalog.KindConstraint, &catalog.Constraint{Type: catalog.Check}),
		object(catalog.KindForeignKey, &catalog.Constraint{Type: catalog.ForeignKey, Valid: true}),
		object(catalog.KindTrigger, &catalog.Trigger{Enabled: "always"}),

		object(catalog.KindExtension, &catalog.Extension{Schema: next(), Version: next()}),
		object(catalog.KindPublication, &catalog.Publication{Schemas: []string{next()}, Tables: []catalog.PublishedTable{
			{Name: name(), Columns: []string{next(), next()}}, {Name: name(), Where: "true"}}}),
		object(catalog.KindEventTrigger, &catalog.EventTrigger{Event: "sql_drop", Tags: []string{next()}, Enabled: "always",
			Function: catalog.ID{Kind: catalog.KindFunction, Schema: next(), Name: next()}}),
		{ID: catalog.ID{Kind: catalog.KindDefaultACL, Schema: next(), Name: next(), Args: "tables"},
			Spec: &catalog.DefaultACL{Grants: grants(next)}},
		{ID: catalog.ID{Kind: catalog.KindSecurityLabel, Name: next()},
			Spec: &catalog.SecurityLabel{On: id(catalog.KindTable), Column: next(), Label: next()}},
		{ID: id(catalog.KindTable), Owner: next(), Grants: new(grants(next)), Spec: &catalog.Table{}},
		object(catalog.KindTrigger, &catalog.Trigger{Enabled: "always",
			Below: []catalog.PartitionTrigger{{Table: name(), Enabled: "origin"}}}),
		object(catalog.KindAggregate, &catalog.Aggregate{Transition: "f", StateType: "text", Initial: text(), MovingInitial: text()}),
		object(catalog.KindOperatorFamily, &catalog.OperatorFamily{}),
		object(catalog.KindOperatorClass, &catalog.OperatorClass{Type: "text", Method: next(), Family: name()}),
		object(catalog.KindStatistics, &catalog.Statistics{Definition: "CREATE STATISTICS", Target: 7}),
		object(catalog.KindRule, &catalog.Rule{Definition: "CREATE RULE", Enabled: "always"}),
		object(catalog.KindPolicy, &catalog.Policy{Command: "all", Roles: []string{next(), next()}, Using: "true", Check: "true"}),
		object(catalog.KindTable, &catalog.Table{Inherits: []catalog.Name{name()}, Columns: []catalog.Column{notNull(false), notNull(true)}}),
		object(catalog.KindIndex, &catalog.Index{Definition: "CREATE INDEX", Tablespace: next(), Statistics: targets}),
		object(catalog.KindConstraint, &catalog.Constraint{Type: catalog.Unique, Definition: "UNIQUE (a)", Tablespace: next(),
			Statistics: targets, IndexComment: next()}),
		object(catalog.KindConstraint, &catalog.Constraint{Type: catalog.Check, Inherited: true, Validated: true}),
		{ID: id(catalog.KindMaterializedView), Extensions: []string{next(), next()}, Spec: &catalog.MaterializedView{}},
		{ID: id(catalog.KindConstraint), Extensions: []string{next()}, Spec: &catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (a)"}},
	}
}

func grants(next func() string) catalog.Grants {
	return catalog.Grants{RevokedFromOwner: true, List: []catalog.Grant{
		{Column: next(), Grantee: next(), Privilege: "SELECT", Grantable: true},
		{Grantee: next(), Privilege: "SELECT", FromOthers: next()},
	}}
}

// TestNoNameBreaksOutOfItsQuotes: whatever the names are, the statements have
// the same shape, and read back they hold those names and no other.
func TestNoNameBreaksOutOfItsQuotes(t *testing.T) {
	texts := rapid.OneOf(
		rapid.Just(hostile),
		rapid.StringOfN(rapid.SampledFrom([]rune(`"'\;-/*$E. a`+"\n")), 1, 8, -1),
		rapid.StringMatching(`[^\x00]{1,20}`),
	)
	count := 0
	named(func() string { count++; return "" })

	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(texts, count, count).Draw(t, "names")
		// Never a number, which an option shows unquoted, and never twice the same: who is
		// granted something may be the owner.
		value := func(i int) string { return fmt.Sprintf("x%s.%d", values[i], i) }
		i := -1
		got := named(func() string { i++; return value(i) })
		j := -1
		plain := named(func() string { j++; return fmt.Sprintf("x%d", j) })
		for n := range got {
			gotShape, gotTexts := scan(render(&got[n], 0))
			wantShape, wantTexts := scan(render(&plain[n], 0))
			for k, text := range wantTexts { // "x12" stands for value(12), also behind words of ours
				words, numbered, _ := strings.Cut(text, "x")
				if number, err := strconv.Atoi(numbered); err == nil {
					wantTexts[k] = words + value(number)
				}
			}
			if gotShape != wantShape || !slices.Equal(gotTexts, wantTexts) {
				t.Fatalf("%s:\n%s\nhas %q, want %q\nshape %s\n want %s", got[n].ID.Kind,
					render(&got[n], 0), gotTexts, wantTexts, gotShape, wantShape)
			}
		}
	})
}

// scan reads SQL as PostgreSQL's lexer does, as far as this package writes it:
// the shape, with every quoted identifier as " and every string as ', and what
// they hold.
func scan(sql string) (shape string, texts []string) {
	var b strings.Builder
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '"' || c == '\'':
			escapes := c == '\'' && i > 0 && sql[i-1] == 'E'
			text, length := quoted(sql[i:], escapes)
			if escapes { // E'…' and '…' are both a string
				before := strings.TrimSuffix(b.String(), "E")
				b.Reset()
				b.WriteString(before)
			}
			b.WriteByte(c)
			texts = append(texts, text)
			i += length
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), texts
}

// quoted reads one quoted token: what it holds, and its length in SQL.
func quoted(sql string, escapes bool) (string, int) {
	var text []byte
	quote := sql[0]
	for i := 1; i < len(sql); i++ {
		switch {
		case escapes && sql[i] == '\\' && i+1 < len(sql):
			i++
			text = append(text, sql[i])
		case sql[i] != quote:
			text = append(text, sql[i])
		case i+1 < len(sql) && sql[i+1] == quote:
			i++
			text = append(text, quote)
		default:
			return string(text), i + 1
		}
	}
	return string(text) + " without an end", len(sql)
}
