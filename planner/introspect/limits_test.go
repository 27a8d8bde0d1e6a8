package introspect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// What is reserved is not for everybody, a superuser has no limit of his own, and a
// run of ours does not stand in its own way.
func TestLimitsOfConnections(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		role := newRole(t, dsn, "limits")
		database := sandbox.Query(t, dsn, "select quote_ident(current_database())")[0]
		sandbox.Exec(t, dsn, "alter role "+role+" connection limit 7")
		sandbox.Exec(t, dsn, "alter database "+database+" connection limit 50")
		connect(t, as(t, dsn, role))
		ours := connect(t, as(t, dsn, role))
		if _, err := ours.Exec(t.Context(), "set application_name = 'sluice copy'"); err != nil {
			t.Fatal(err)
		}

		moving := cmpopts.IgnoreFields(catalog.Limit{}, "Used")
		all := []catalog.Limit{{Of: "max_connections", Most: 120}}
		if diff := cmp.Diff(all, read(t, dsn).Server.Limits, moving); diff != "" {
			t.Errorf("limits of a superuser (-want +got):\n%s", diff)
		}
		got := read(t, as(t, dsn, role)).Server.Limits
		want := []catalog.Limit{{Of: "database", Most: 50}, {Of: "max_connections", Most: 117}, {Of: "role", Most: 7}}
		if diff := cmp.Diff(want, got, moving); diff != "" {
			t.Fatalf("limits of a role (-want +got):\n%s", diff)
		}
		ofDatabase, ofServer, ofRole := got[0].Used, got[1].Used, got[2].Used
		if ofRole != 2 { // one that rests, and the one that asks
			t.Errorf("%d connections of the role are in use, want 2", ofRole)
		}
		if ofServer < ofDatabase || ofDatabase < ofRole {
			t.Errorf("in use are %d of the server, %d of the database, %d of the role", ofServer, ofDatabase, ofRole)
		}
	})
}
