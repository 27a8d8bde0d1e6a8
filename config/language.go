package config

// language is the whole language: every block and argument, in the order in
// which they are documented. The migration block is in language_migration.go.
var language = &blockSpec{
	blocks: []*blockSpec{
		{
			name: "sluice", many: true,
			doc: "What the configuration asks of sluice itself.",
			args: []argSpec{
				{name: "required_version", kind: text, doc: "The versions of sluice that may read this configuration, such as \">= 0.1\"."},
			},
		},
		{
			name: "variable", many: true, labels: []label{{name: "name", unique: true}},
			doc: "A value that is given from outside: a file of variables, -var, or the environment (SLUICE_VAR_name).",
			args: []argSpec{
				{name: "type", kind: typeConstraint, doc: "The type, such as string, number, bool, list(string) or object({…})."},
				{name: "default", kind: anyValue, sensitive: true, doc: "The value where none is given. A variable without default must be given."},
				{name: "description", kind: text, doc: "What the variable is for."},
				{name: "sensitive", kind: boolean, def: false, doc: "The value is never shown."},
			},
			blocks: []*blockSpec{{
				name: "validation", many: true,
				doc: "A rule that the value must keep.",
				args: []argSpec{
					{name: "condition", kind: deferred, required: true, doc: "True where the value is right."},
					{name: "error_message", kind: deferred, required: true, doc: "What to say where it is not."},
				},
			}},
		},
		{
			name: "locals", many: true, open: true,
			doc: "Names for expressions, used as local.name.",
		},
		{
			name: "secret", many: true, labels: []label{{name: "name", unique: true}},
			doc: "Where a secret is kept. It is read when a connection opens, and never stored.",
			args: []argSpec{
				{name: "env", kind: text, filled: true, doc: "The environment variable that holds it."},
				{name: "file", kind: text, filled: true, doc: "The file that holds it."},
				{name: "command", kind: texts, filled: true, doc: "The command that prints it, as a list of words; no shell is involved."},
				{name: "rds_iam", kind: boolean, notYet: true, doc: "Log in with an AWS IAM token, made for each connection."},
			},
		},
		serverSpec("source", "The PostgreSQL server that data comes from."),
		serverSpec("target", "The PostgreSQL server that data goes to."),
		migrationSpec,
	},
}

func serverSpec(role, doc string) *blockSpec {
	return &blockSpec{
		name: role, doc: doc, many: true, labels: []label{{name: "name", unique: true}},
		args: []argSpec{
			{name: "url", kind: text, filled: true, sensitive: true, doc: "A connection URL, postgres://user@host:port/database. It is never shown."},
			{name: "service", kind: text, filled: true, doc: "An entry of pg_service.conf."},
			{name: "host", kind: text, filled: true, doc: "Host name or address."},
			{name: "port", kind: number, min: 1, max: 65535, doc: "Port; 5432 where none is given."},
			{name: "user", kind: text, filled: true, doc: "The role to log in as."},
			{name: "database", kind: text, filled: true, doc: "The database, where the migration names none."},
			{name: "password", kind: referenceTo("secret"), doc: "The password: a secret, never a text."},
		},
		blocks: []*blockSpec{{
			name: "tls",
			doc:  "How the connection is encrypted.",
			args: []argSpec{
				{name: "mode", kind: text, oneOf: []string{"disable", "require", "verify-ca", "verify-full"}, doc: "As sslmode of libpq; verify-full where none is given, unless the host is local. The modes that fall back to clear text do not exist here."},
				{name: "ca", kind: text, filled: true, doc: "File with the certificates of the authorities to trust."},
				{name: "cert", kind: text, filled: true, doc: "File with the client's certificate."},
				{name: "key", kind: text, filled: true, doc: "File with the client's private key."},
				{name: "key_password", kind: referenceTo("secret"), doc: "The password of the private key: a secret."},
			},
		}},
	}
}
