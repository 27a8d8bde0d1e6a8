package connect

import "os"

// Environ holds libpq's variables as the process found them.
type Environ map[string]string

// variables are those that libpq or pgx read:
// https://www.postgresql.org/docs/current/libpq-envars.html
var variables = []string{
	"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE",
	"PGREQUIREAUTH", "PGCHANNELBINDING", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGOPTIONS", "PGAPPNAME",
	"PGSSLMODE", "PGREQUIRESSL", "PGSSLNEGOTIATION", "PGSSLCOMPRESSION", "PGSSLCERT", "PGSSLKEY", "PGSSLCERTMODE",
	"PGSSLROOTCERT", "PGSSLCRL", "PGSSLCRLDIR", "PGSSLSNI", "PGSSLPASSWORD", "PGREQUIREPEER",
	"PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION", "PGGSSENCMODE", "PGKRBSRVNAME", "PGGSSLIB", "PGGSSDELEGATION",
	"PGCONNECT_TIMEOUT", "PGCLIENTENCODING", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS",
	"PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGDATESTYLE", "PGTZ", "PGGEQO",
}

// Take removes libpq's variables from the environment and returns them. A
// process calls it once, before anything else, since pgx reads the environment
// for every connection, whichever side it is of.
func Take() Environ {
	taken := Environ{}
	for _, name := range variables {
		if value, ok := os.LookupEnv(name); ok {
			taken[name] = value
			os.Unsetenv(name) // fails only for a name that cannot be one
		}
	}
	return taken
}

// lookup reads a variable, also one that Take has removed.
func (e Environ) lookup(name string) string {
	if value, ok := e[name]; ok {
		return value
	}
	return os.Getenv(name)
}
