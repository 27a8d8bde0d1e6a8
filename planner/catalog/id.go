package catalog

import "strings"

// Kind is the kind of an object, in the words of PostgreSQL's manual.
type Kind string

// The kinds, each called as COMMENT ON and DROP call it, so that a kind and a
// name are a reference. What a later server adds is read under the word that
// pg_describe_object uses, with Unsupported as Spec.
const (
	KindSchema           Kind = "schema"
	KindExtension        Kind = "extension"
	KindLanguage         Kind = "language"
	KindAccessMethod     Kind = "access method"
	KindType             Kind = "type" // enum, composite, range, base and shell types: one name space
	KindDomain           Kind = "domain"
	KindCollation        Kind = "collation"
	KindConversion       Kind = "conversion"
	KindFunction         Kind = "function" // and procedures and window functions
	KindAggregate        Kind = "aggregate"
	KindOperator         Kind = "operator"        // Args: "integer, integer"; NONE for the operand that there is not
	KindOperatorFamily   Kind = "operator family" // Args: the access method
	KindOperatorClass    Kind = "operator class"  // Args: the access method
	KindCast             Kind = "cast"            // Name: "source type as target type"
	KindTransform        Kind = "transform"       // Name: the type; Args: the language
	KindParser           Kind = "text search parser"
	KindTemplate         Kind = "text search template"
	KindDictionary       Kind = "text search dictionary"
	KindConfiguration    Kind = "text search configuration"
	KindWrapper          Kind = "foreign data wrapper"
	KindServer           Kind = "server"
	KindUserMapping      Kind = "user mapping" // Name: the role; Args: the server
	KindSequence         Kind = "sequence"
	KindTable            Kind = "table"
	KindForeignTable     Kind = "foreign table"
	KindView             Kind = "view"
	KindMaterializedView Kind = "materialized view"
	KindConstraint       Kind = "constraint"
	KindIndex            Kind = "index"
	KindStatistics       Kind = "statistics"
	KindRule             Kind = "rule"
	KindPolicy           Kind = "policy"
	KindForeignKey       Kind = "foreign key"
	KindTrigger          Kind = "trigger"
	KindEventTrigger     Kind = "event trigger"
	KindPublication      Kind = "publication"
	KindSubscription     Kind = "subscription"
	KindLargeObjects     Kind = "large objects"      // all of them are one object
	KindLargeObject      Kind = "large object"       // one of them, in statements only; Name: its OID
	KindDefaultACL       Kind = "default privileges" // Name: the role that creates; Schema: where, or empty; Args: of which kind
	KindPrivileges       Kind = "privileges"         // on what is the system's or an extension's; Name: pg_describe_object
	KindSecurityLabel    Kind = "security label"     // Name: the provider; Args: pg_describe_object of what it is on
)

// ID identifies an object within a database. It is comparable, and the same on
// every server that has the object.
type ID struct {
	Kind   Kind   `json:"kind"`
	Schema string `json:"schema,omitempty"` // empty for what belongs to no schema, and for a schema itself
	Table  string `json:"table,omitempty"`  // the relation a constraint, trigger, rule or policy is on; empty for all else
	Name   string `json:"name"`
	// Args are the identity arguments of a routine, as
	// pg_get_function_identity_arguments says; of other kinds whatever else
	// tells two of one name apart.
	Args string `json:"args,omitempty"`
}

// Qualified is the object's own schema and name.
func (id ID) Qualified() Name { return Name{id.Schema, id.Name} }

// Relation is the relation a constraint, trigger, rule or policy is on.
func (id ID) Relation() Name { return Name{id.Schema, id.Table} }

// Label is the object's name as people read it, without its kind:
// public.orders, public.orders.orders_pkey, public.total(integer).
func (id ID) Label() string {
	label := display(id.Name)
	if id.Table != "" {
		label = display(id.Table) + "." + label
	}
	if id.Schema != "" {
		label = display(id.Schema) + "." + label
	}
	if id.Kind == KindFunction || id.Kind == KindAggregate || id.Args != "" { // of routines also the empty list
		label += "(" + id.Args + ")"
	}
	return label
}

// String is the kind and the label: "table public.orders".
func (id ID) String() string { return string(id.Kind) + " " + id.Label() }

// Compare orders IDs by kind, schema, table, name and arguments, byte by byte.
//
// It is called millions of times for a catalog of thousands of tables, so it
// looks at no more than it must, which cmp.Or would not do.
func Compare(a, b ID) int {
	switch {
	case a.Kind != b.Kind:
		return strings.Compare(string(a.Kind), string(b.Kind))
	case a.Schema != b.Schema:
		return strings.Compare(a.Schema, b.Schema)
	case a.Table != b.Table:
		return strings.Compare(a.Table, b.Table)
	case a.Name != b.Name:
		return strings.Compare(a.Name, b.Name)
	}
	return strings.Compare(a.Args, b.Args)
}
