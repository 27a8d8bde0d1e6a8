package executor_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner/catalog"
)

// hostileSettings change what a session without settings of its own reads,
// writes and is allowed to.
var hostileSettings = map[string]string{
	"search_path": `evil, "User.s", public, pg_catalog`, "quote_all_identifiers": "on", "check_function_bodies": "on",
	"datestyle": "'German, DMY'", "intervalstyle": "iso_8601", "timezone": "'Asia/Kathmandu'", "extra_float_digits": "-10",
	"bytea_output": "escape", "standard_conforming_strings": "off", "backslash_quote": "on", "escape_string_warning": "on",
	"client_encoding": "latin1", "array_nulls": "off", "row_security": "on", "lc_monetary": "'C'", "xmloption": "document",
	"statement_timeout": "1", "lock_timeout": "1", "idle_in_transaction_session_timeout": "1",
	"default_transaction_isolation": "serializable", "default_transaction_read_only": "on", "default_transaction_deferrable": "on",
	"client_min_messages": "debug1", "transform_null_equals": "on", "default_statistics_target": "7", "session_replication_role": "replica",
	"default_text_search_config": "simple", "xmlbinary": "hex", "synchronize_seqscans": "on", "lo_compat_privileges": "on",
	"default_table_access_method": "other_heap",
}

// set sets settings for a role in a database, which wins over what either has.
// Servers that do not know one are left in peace.
func set(t *testing.T, url string, settings map[string]string) {
	t.Helper()
	known := map[string]bool{}
	for _, name := range sandbox.Query(t, url, "select lower(name) from pg_settings where context in ('user', 'superuser')") {
		known[name] = true
	}
	var sql strings.Builder
	for name, value := range settings {
		if known[name] {
			sql.WriteString("alter role current_user in database " + databaseOf(url) + " set " + name + " = " + value + ";\n")
		}
	}
	sandbox.Exec(t, url, sql.String())
}

// reset takes back what set did; from outside, where it does not hold.
func reset(t *testing.T, url string) {
	t.Helper()
	sandbox.Exec(t, strings.Replace(url, databaseName(url), "postgres", 1), "alter role current_user in database "+databaseOf(url)+" reset all")
}

func databaseName(url string) string {
	config, _ := pgx.ParseConfig(url)
	return config.Database
}

func databaseOf(url string) string { return catalog.Quote(databaseName(url)) }

// Whatever a role, a database and its users have set and made, everything
// arrives as it is, and nothing of the users' is called.
func TestHostileSettingsAndObjectsChangeNothing(t *testing.T) {
	t.Parallel()
	judge, oldest := pgDumpMajor(t), sandbox.Majors()[0]
	for _, majors := range []majorsPair{{judge, judge}, {oldest, judge}} {
		t.Run(majors.String(), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newMove(t, majors.source, majors.target)
			m.spec.Owners, m.spec.Grants = true, true
			m.script(t, "hostile.sql")
			for _, url := range []string{m.source, m.target} {
				sandbox.Exec(t, url, "create access method other_heap type table handler heap_tableam_handler")
				set(t, url, hostileSettings)
				if config := connect(t, url).PgConn(); config.ParameterStatus("DateStyle") != "German, DMY" {
					t.Fatalf("the settings do not hold: %s", config.ParameterStatus("DateStyle"))
				}
			}
			ended := make(chan error, 1)
			go func() {
				outcome, err := m.run(ctx, nil)
				if err != nil || outcome != executor.CutOver {
					cancel()
				}
				ended <- err
			}()
			cutover := m.cutOver(ctx, t)
			if err := <-ended; err != nil || cutover != nil {
				reset(t, m.source)
				reset(t, m.target)
				t.Fatalf("the run: %v; the cutover: %v", err, cutover)
			}
			m.nothingLeft(t)
			reset(t, m.source)
			reset(t, m.target)
			for _, url := range []string{m.source, m.target} { // before the test itself calls them
				for _, from := range sandbox.Query(t, url, "select c.castsource::regtype from pg_cast as c where c.oid >= 16384") {
					sandbox.Exec(t, url, "begin read write; drop cast ("+from+" as text); commit")
				}
			}
			m.equal(t)
			m.sidesAreAlike(t)
			if other := sandbox.Query(t, m.target, "select oid::regclass from pg_class where relam = (select oid from pg_am where amname = 'other_heap')"); len(other) > 0 {
				t.Errorf("in the server's access method: %q", other)
			}
			if majors.source == majors.target {
				m.sameDump(t)
			}
		})
	}
}
