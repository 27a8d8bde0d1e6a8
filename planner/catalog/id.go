package catalog

import (
	"cmp"
	"strings"
)

// Kind is the kind of an object, in the words of PostgreSQL's manual.
type Kind string

// The kinds that sluice carries over. Whatever else a database holds is read
// too, under the word that pg_describe_object uses, with Unsupported as Spec.
const (
	KindSchema           Kind = "schema"
	KindEnum             Kind = "type"
	KindDomain           Kind = "domain"
	KindSequence         Kind = "sequence"
	KindFunction         Kind = "function"
	KindTable            Kind = "table"
	KindView             Kind = "view"
	KindMaterializedView Kind = "materialized view"
	KindIndex            Kind = "index"
	KindConstraint       Kind = "constraint"
	KindForeignKey       Kind = "foreign key"
	KindTrigger          Kind = "trigger"
)

// ID identifies an object within a database. It is comparable, and the same on
// every server that has the object.
type ID struct {
	Kind   Kind   `json:"kind"`
	Schema string `json:"schema,omitempty"` // empty for what belongs to no schema, and for a schema itself
	Table  string `json:"table,omitempty"`  // the relation a constraint or trigger is on; empty for all else
	Name   string `json:"name"`
	// Args are the identity arguments of a routine, as
	// pg_get_function_identity_arguments says; of kinds that are not carried
	// over whatever else tells two of one name apart.
	Args string `json:"args,omitempty"`
}

// Qualified is the object's own schema and name.
func (id ID) Qualified() Name { return Name{id.Schema, id.Name} }

// Relation is the table a constraint or trigger is on.
func (id ID) Relation() Name { return Name{id.Schema, id.Table} }

// Label is the object's name as people read it, without its kind:
// public.orders, public.orders.orders_pkey, public.total(integer).
func (id ID) Label() string {
	parts := make([]string, 0, 3)
	for _, p := range []string{id.Schema, id.Table} {
		if p != "" {
			parts = append(parts, display(p))
		}
	}
	label := strings.Join(append(parts, display(id.Name)), ".")
	if id.Kind == KindFunction || id.Args != "" { // of functions also the empty list
		label += "(" + id.Args + ")"
	}
	return label
}

// String is the kind and the label: "table public.orders".
func (id ID) String() string { return string(id.Kind) + " " + id.Label() }

// Compare orders IDs by kind, schema, table, name and arguments, byte by byte.
func Compare(a, b ID) int {
	return cmp.Or(
		strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(a.Schema, b.Schema),
		strings.Compare(a.Table, b.Table),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.Args, b.Args),
	)
}
