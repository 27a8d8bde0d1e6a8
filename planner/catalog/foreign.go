package catalog

// Wrapper is a foreign-data wrapper that no extension brought.
type Wrapper struct {
	Handler   string   // schema-qualified and quoted; empty: none
	Validator string   // likewise
	Options   []string // name=value, without secrets
	// Secrets are the names of the options that stay behind: by their name, or
	// as a connection string with a password, they hold a secret, which is not
	// even read.
	Secrets []string `json:",omitempty"`
}

// ForeignServer is a server of a foreign-data wrapper.
type ForeignServer struct {
	Wrapper string
	Type    string   // empty: none
	Version string   // empty: none
	Options []string // name=value, without secrets
	Secrets []string `json:",omitempty"` // as of a Wrapper
}

// UserMapping says as whom a role uses a foreign server.
type UserMapping struct {
	Options []string // name=value, without passwords and other secrets
	Secrets []string `json:",omitempty"` // as of a Wrapper
	// Hidden says that the role which read the catalog may not see the options:
	// there seem to be none.
	Hidden bool `json:"-"`
}

// ForeignTable is a table whose rows are elsewhere: they are never copied.
type ForeignTable struct {
	Table          // without what has to do with storage, row security and replica identity
	Server  string // whose wrapper knows how to fetch the rows
	Wrapper string // the server's
	Fetch   []string
	Secrets []string `json:",omitempty"` // as of a Wrapper
}
