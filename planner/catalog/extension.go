package catalog

// Extension is an extension, whose members come with it. The object's Comment
// is empty where it is the one that CREATE EXTENSION gives it.
type Extension struct {
	Schema      string
	Relocatable bool
	// Version is no part of the fingerprint: a target with a newer one will do.
	Version string `json:"-"`
	// Configuration are its tables whose rows belong to the user, and sequences,
	// in the extension's order: what refers to another one comes after it.
	Configuration []ConfigurationTable `json:"-"`
}

// ConfigurationTable is a table of an extension that a dump takes along.
// https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES
type ConfigurationTable struct {
	Name      Name     `json:"name"`
	Sequence  bool     `json:"sequence,omitempty"`
	Condition string   `json:"condition,omitempty"` // WHERE …, of the rows that are the user's; empty: all
	Columns   []string `json:"columns,omitempty"`   // without generated ones
}

// Publication is one that the user made.
type Publication struct {
	AllTables    bool
	AllSequences bool
	Schemas      []string         // sorted
	Tables       []PublishedTable // by name
	Options      []string         // name=value, each that is not CREATE PUBLICATION's default, and publish always
}

// PublishedTable is a table of a publication, by itself: those that inherit from
// it are tables of the publication on their own.
type PublishedTable struct {
	Name    Name
	Columns []string // in the table's order; none: all
	Where   string   // pg_get_expr, which needs parentheses around it; empty: every row
}

// LargeObjects are all large objects of the database. Their rows and owners are
// read when they are copied.
type LargeObjects struct {
	Count int64 `json:"-"` // changes while the application works
}
