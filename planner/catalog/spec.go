package catalog

// Spec is what makes an object what it is, by kind. The set is closed: a type
// switch over it is complete.
type Spec interface{ spec() }

// Schema is a schema.
type Schema struct {
	// OwnedAsMade says that public belongs to whom initdb gave it: from 15 on to
	// pg_database_owner, before to the first role of the server.
	OwnedAsMade bool `json:"-"`
}

// Sequence is a sequence that is not behind an identity column: those are part
// of their table.
type Sequence struct {
	Options SequenceOptions
	OwnedBy *ColumnRef // serial columns
	// Unlogged sequences exist since 15.
	Unlogged bool
}

// SequenceOptions are the parameters of CREATE SEQUENCE.
type SequenceOptions struct {
	Type                              string // bigint, integer, smallint
	Start, Increment, Min, Max, Cache int64
	Cycle                             bool
}

// ColumnRef names a column of a table.
type ColumnRef struct {
	Table  Name
	Column string
}

// Table is an ordinary or partitioned table.
type Table struct {
	Columns      []Column // live ones in attnum order
	Unlogged     bool
	Type         Name   // the composite type of a typed table (OF), which all columns come from; else zero
	Of           Name   // partition's parent; the zero Name where it is no partition
	Bound        string // FOR VALUES …, of a partition
	PartitionKey string // pg_get_partkeydef, where it is partitioned: RANGE (placed_at)
	Inherits     []Name // parents in order, of plain inheritance; not of a partition
	Options      []string
	ToastOptions []string // "toast." reloptions, without that prefix
	RowSecurity  bool
	ForceRowSec  bool
	AccessMethod string // empty: heap
	Tablespace   string // empty: the database's
	// Identity is how an update or delete names its row to logical decoding.
	Identity ReplicaIdentity

	// What follows is no part of the fingerprint.

	// Patchwork says that CREATE TABLE … INHERITS does not make these columns of
	// these parents: the order is another, or the parents do not agree about a
	// default. It follows from the parents.
	Patchwork bool `json:"-"`
	Size      Size `json:"-"`
	// Within is the condition for the rows that are a partition's; empty: it is none.
	Within string `json:"-"`
	Access Access `json:"-"`
}

// Partitioned says that the table holds no rows itself.
func (t *Table) Partitioned() bool { return t.PartitionKey != "" }

// Column of a table.
type Column struct {
	Name       string
	Type       string            // format_type, schema-qualified unless of pg_catalog
	TypeOID    uint32            `json:"-"`
	BaseType   string            `json:"-"` // what a domain is over in the end; empty: Type is no domain
	Number     int16             `json:"-"` // attnum, on this server only
	NotNull    bool              // not where that is a Constraint, because rows may break it
	Default    string            // expression, also of a generated column
	Generated  string            // "", "stored", "virtual"
	Identity   string            // "", "always", "by default"; of a partition that of the parent
	Sequence   *IdentitySequence // nil where a partition has its parent's
	Collation  string            // schema-qualified and quoted, where it is not the type's own
	Storage    string            // plain, external, extended, main; empty: the type's own
	Compressed string            // pglz, lz4; empty: default
	Statistics int               // -1: the default
	Options    []string
	Comment    string
	Inherited  bool // comes from a parent and is not declared here as well
	// NotNullName is the name of the constraint behind NotNull; empty: the one
	// that the server would choose, unless there is a comment, and always before
	// 18, where it has none. So it is no part of the fingerprint.
	NotNullName      string `json:"-"`
	NotNullComment   string `json:",omitempty"`
	NotNullNoInherit bool   `json:",omitempty"`
	// Fetch are the options of a foreign table's column, name=value.
	Fetch []string `json:",omitempty"`
	// NotNullInherited says that a parent's column is not null as well, so that
	// this one need not be told.
	NotNullInherited bool `json:"-"`
	// Stable says that the type's binary form is the same on every server: a
	// built-in type (or an array of one, or a domain over one) with send and
	// receive functions that no minor or major release has changed.
	Stable bool `json:"-"`
	// Ordered says that the client can compare values of this type exactly as
	// the server's default btree operator class does: smallint, integer,
	// bigint, uuid, date, timestamp, timestamptz, bytea, and text or varchar
	// under COLLATE "C".
	Ordered bool `json:"-"`
}

// IdentitySequence is the sequence behind an identity column.
type IdentitySequence struct {
	Name    Name
	Options SequenceOptions
	Grants  *Grants `json:"-"` // as of an Object
}

// ReplicaIdentity of a table: pg_class.relreplident.
type ReplicaIdentity struct {
	Kind  ReplicaIdentityKind
	Index string // the index's name, of kind Index
}

// ReplicaIdentityKind is one of the four kinds.
type ReplicaIdentityKind string

// The kinds of replica identity.
const (
	IdentityDefault ReplicaIdentityKind = "default" // the primary key, if there is one
	IdentityNothing ReplicaIdentityKind = "nothing"
	IdentityFull    ReplicaIdentityKind = "full"
	IdentityIndex   ReplicaIdentityKind = "index"
)

// Size is an estimate from the catalog, never a count.
type Size struct {
	Rows  int64 // reltuples; -1: never analyzed
	Pages int64 // of the main fork, from its real length
	Bytes int64 // table with TOAST, without indexes
}

// Access is what the role that asks may do with a relation.
type Access struct {
	Select bool // the table as a whole
	Hidden bool // its schema may not be used, so that it cannot even be named
	Owner  bool // owns it, or is a member of the role that does
}

// View is a view.
type View struct {
	Definition string // pg_get_viewdef
	Columns    []ViewColumn
	Options    []string // security_barrier=true, check_option=local, …
}

// MaterializedView is created WITH NO DATA and refreshed after the load.
type MaterializedView struct {
	Definition   string
	Columns      []ViewColumn
	Options      []string
	ToastOptions []string
	AccessMethod string // empty: heap
	Tablespace   string // empty: the database's
	Populated    bool
	Size         Size `json:"-"`
}

// ViewColumn is a column of a view or of a materialised view. Type and collation
// follow from the query; a view that is needed by what it needs is made with
// them alone at first.
type ViewColumn struct {
	Name       string
	Type       string // format_type
	Collation  string // schema-qualified and quoted, where it is not the type's own
	Default    string // of a view: for INSERT
	Storage    string // what follows is a materialised view's, as a table's column has it
	Compressed string
	Statistics int
	Options    []string
	Comment    string
}

// Index is an index that belongs to no constraint.
type Index struct {
	Table      Name
	Definition string // pg_get_indexdef
	Unique     bool
	Valid      bool
	// Of is the partitioned index this one is attached to; zero where it is none.
	Of        Name
	Clustered bool
	// OnMaterialized says that Table is a materialised view.
	OnMaterialized bool
	Tablespace     string // empty: the database's
	// Statistics are the targets of columns that are expressions, where one is
	// set: by the column's number in the index, from 1.
	Statistics []IndexStatistics `json:",omitempty"`
	Bytes      int64             `json:"-"`
}

// IndexStatistics is the statistics target of an index's column.
type IndexStatistics struct {
	Column int
	Target int
}

// Constraint is a primary key, unique, check, exclusion or foreign key
// constraint of a table. NOT NULL is a property of the column, unless it, or the
// parent's from which it comes, is not validated: rows may break it, so it can
// be made only after them.
type Constraint struct {
	Type       ConstraintType
	Definition string // pg_get_constraintdef
	Columns    []string
	Valid      bool
	Deferrable bool
	// Inherited: it came from the parent table and is not declared here.
	Inherited bool
	// Validated: it is inherited and valid, but the parent's is not valid.
	Validated bool `json:",omitempty"`
	// Index is the name of the index behind a key; it has the constraint's name
	// unless somebody renamed one of the two.
	Index     string
	Clustered bool
	// References is the other table of a foreign key.
	References Name
	// ReferencesPartitioned says that it is a partitioned one: the server then
	// keeps a hidden key for each partition, which VALIDATE passes over before 18.
	ReferencesPartitioned bool `json:"-"`
	// Of is the parent's index that this key's index is attached to.
	Of Name
	// Partitioned says that the table is a partitioned one: its keys are made
	// on it alone (ONLY), its foreign keys on it and every partition at once.
	Partitioned bool
	// Below: the table is a partition, or inherits from others.
	Below bool `json:"-"`
	// Options are the storage parameters of the index behind a primary key or
	// unique constraint (fillfactor=70): pg_get_constraintdef leaves them out,
	// of those two only, so an exclusion constraint has none here.
	Options    []string
	Tablespace string // of the index; empty: the database's
	// IndexComment is the comment on the index, beside that on the constraint.
	IndexComment string `json:",omitempty"`
	// Statistics are the index's, as an Index has them: of an exclusion constraint.
	Statistics []IndexStatistics `json:",omitempty"`
	Bytes      int64             `json:"-"`
}

// ConstraintType is pg_constraint.contype, in words.
type ConstraintType string

// The types of constraint.
const (
	PrimaryKey ConstraintType = "primary key"
	Unique     ConstraintType = "unique"
	Check      ConstraintType = "check"
	Exclusion  ConstraintType = "exclusion"
	ForeignKey ConstraintType = "foreign key"
	NotNull    ConstraintType = "not null" // since 18, where it or the parent's is NOT VALID
)

// Trigger is a trigger that a user created: no internal one, and none that a
// partition has only from its parent.
type Trigger struct {
	Definition string // pg_get_triggerdef
	Enabled    string // origin, disabled, replica, always
	Function   ID
	// Below are the partitions, of whatever level, on which its copy is enabled
	// in another way. Sorted by name.
	Below []PartitionTrigger `json:",omitempty"`
}

// PartitionTrigger is the copy of a trigger that a partition has from its parent.
type PartitionTrigger struct {
	Table   Name
	Enabled string
}

// Statistics is an object of extended statistics.
type Statistics struct {
	Table      Name
	Definition string // pg_get_statisticsobjdef
	Target     int    // -1: the default
}

// Rule is a rewrite rule, other than the one that makes a view a view.
type Rule struct {
	Definition string // pg_get_ruledef
	Enabled    string // origin, disabled, replica, always
}

// Policy of row level security.
type Policy struct {
	Command    string // all, select, insert, update, delete
	Permissive bool
	Roles      []string // sorted; none: the public
	Using      string   // pg_get_expr
	Check      string
}

// Unsupported is an object that this version of sluice reads but does not carry
// over. The plan lists it under "Not migrated" with the reason.
type Unsupported struct {
	Reason string
	// Code is the finding's, where one stands for the reason (N310 …).
	Code string
}

func (*Schema) spec()           {}
func (*Extension) spec()        {}
func (*Language) spec()         {}
func (*AccessMethod) spec()     {}
func (*Enum) spec()             {}
func (*Composite) spec()        {}
func (*Range) spec()            {}
func (*Base) spec()             {}
func (*Shell) spec()            {}
func (*Domain) spec()           {}
func (*Collation) spec()        {}
func (*Conversion) spec()       {}
func (*Cast) spec()             {}
func (*Transform) spec()        {}
func (*Function) spec()         {}
func (*Aggregate) spec()        {}
func (*Operator) spec()         {}
func (*OperatorFamily) spec()   {}
func (*OperatorClass) spec()    {}
func (*Parser) spec()           {}
func (*Template) spec()         {}
func (*Dictionary) spec()       {}
func (*Configuration) spec()    {}
func (*Wrapper) spec()          {}
func (*ForeignServer) spec()    {}
func (*UserMapping) spec()      {}
func (*Sequence) spec()         {}
func (*Table) spec()            {}
func (*ForeignTable) spec()     {}
func (*View) spec()             {}
func (*MaterializedView) spec() {}
func (*Index) spec()            {}
func (*Statistics) spec()       {}
func (*Constraint) spec()       {}
func (*Rule) spec()             {}
func (*Policy) spec()           {}
func (*Trigger) spec()          {}
func (*EventTrigger) spec()     {}
func (*Publication) spec()      {}
func (*LargeObjects) spec()     {}
func (*DefaultACL) spec()       {}
func (*SecurityLabel) spec()    {}
func (*Unsupported) spec()      {}
