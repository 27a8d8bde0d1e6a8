package introspect

import (
	"cmp"
	"fmt"

	"sluice/planner/catalog"
)

type operatorRow struct {
	named
	LeftType         string
	RightType        string
	Function         []string // schema and name
	Commutator       []string
	Negator          []string
	RestrictFunction []string
	JoinFunction     []string
	Hashes           bool
	Merges           bool
}

func (r *reader) addOperator(row operatorRow) {
	args := cmp.Or(row.LeftType, "NONE") + ", " + cmp.Or(row.RightType, "NONE")
	id := catalog.ID{Kind: catalog.KindOperator, Schema: row.Schema, Name: row.Name, Args: args}
	r.add(classOperator, row.named, id, &catalog.Operator{
		Left:       row.LeftType,
		Right:      row.RightType,
		Function:   pair(row.Function),
		Commutator: operator(row.Commutator),
		Negator:    operator(row.Negator),
		Restrict:   pair(row.RestrictFunction),
		Join:       pair(row.JoinFunction),
		Hashes:     row.Hashes,
		Merges:     row.Merges,
	})
}

type operatorFamilyRow struct {
	named
	Method string
}

func (r *reader) addOperatorFamily(row operatorFamilyRow) {
	family := &catalog.OperatorFamily{Method: row.Method}
	r.operators[address{classOpfamily, row.OID}] = &family.Members
	id := catalog.ID{Kind: catalog.KindOperatorFamily, Schema: row.Schema, Name: row.Name, Args: row.Method}
	r.add(classOpfamily, row.named, id, family)
}

type operatorClassRow struct {
	named
	Method       string
	Type         string
	Default      bool
	FamilySchema string
	FamilyName   string
	Storage      string
}

func (r *reader) addOperatorClass(row operatorClassRow) {
	class := &catalog.OperatorClass{
		Method:  row.Method,
		Type:    row.Type,
		Default: row.Default,
		Family:  name(row.FamilySchema, row.FamilyName),
		Storage: row.Storage,
	}
	r.operators[address{classOpclass, row.OID}] = &class.Members
	id := catalog.ID{Kind: catalog.KindOperatorClass, Schema: row.Schema, Name: row.Name, Args: row.Method}
	r.add(classOpclass, row.named, id, class)
}

type operatorMemberRow struct {
	Class       uint32
	Object      uint32
	What        string // operator, function
	Number      int
	LeftType    string
	RightType   string
	Name        []string // schema and name
	Args        string   // of a function
	OrderFamily []string // of an operator that orders, schema and name
}

// addOperatorMember takes a member of a class, or a loose one of a family, and
// writes it as CREATE OPERATOR CLASS and ALTER OPERATOR FAMILY take both.
// https://www.postgresql.org/docs/current/sql-createopclass.html
func (r *reader) addOperatorMember(row operatorMemberRow) {
	members := r.operators[address{row.Class, row.Object}]
	if members == nil || len(row.Name) != 2 { // of the system's, or an extension's
		return
	}
	types := "(" + row.LeftType + ", " + row.RightType + ")"
	if row.What == "function" {
		*members = append(*members, fmt.Sprintf("function %d %s %s(%s)", row.Number, types, pair(row.Name), row.Args))
		return
	}
	member := fmt.Sprintf("operator %d %s.%s %s", row.Number, catalog.Quote(row.Name[0]), row.Name[1], types)
	if family := pair(row.OrderFamily); family != "" {
		member += " for order by " + family
	}
	*members = append(*members, member)
}
