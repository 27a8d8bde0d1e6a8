package catalog

// Wrapper is a foreign-data wrapper that no extension brought.
type Wrapper struct {
	Handler   string // schema-qualified and quoted; empty: none
	Validator string
	Options   []string // name=value
}

// ForeignServer is a server of a foreign-data wrapper.
type ForeignServer struct {
	Wrapper string
	Type    string
	Version string
	Options []string // name=value
}

// UserMapping says as whom a role uses a foreign server.
type UserMapping struct {
	Options []string // name=value, without passwords and other secrets
	// Secrets are the names of the options that stay behind.
	Secrets []string
}

// ForeignTable is a table whose rows are elsewhere: they are never copied.
type ForeignTable struct {
	Table
	Server  string
	Wrapper string   // the server's
	Fetch   []string // the table's own options, name=value
}
