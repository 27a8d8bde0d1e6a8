package catalog

// Extension is an extension, whose members come with it.
type Extension struct {
	Schema      string
	Relocatable bool
	// Version is no part of the fingerprint: a target with a newer one will do.
	Version string `json:"-"`
	// Configuration are its tables whose rows belong to the user, and sequences.
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
	Schemas      []string
	Tables       []PublishedTable // by name
	Options      []string         // as WITH (…) says them: publish = 'insert, update'
}

// PublishedTable is a table of a publication.
type PublishedTable struct {
	Name    Name
	Only    bool     // without the tables that inherit from it
	Columns []string // none: all
	Where   string   // pg_get_expr, without parentheses around it; empty: every row
}

// LargeObjects are all large objects of the database. Their rows and owners are
// read when they are copied.
type LargeObjects struct {
	Count int64 `json:"-"` // changes while the application works
}
