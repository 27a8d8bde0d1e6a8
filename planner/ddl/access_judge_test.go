package ddl

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// accessRoles own and may in testdata/access. Roles are the whole server's.
var accessRoles = []string{
	`sluice "owner"; --`, "sluice other", "sluice reader", "sluice member", "sluice deputy", "sluice another", "sluice super",
}

// rolesMade has a sync.Once for each server, by port: tests that made the same role
// at the same moment have found it without its attributes.
var rolesMade sync.Map

func makeRoles(t *testing.T, url string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	once, _ := rolesMade.LoadOrStore(config.Port, new(sync.Once))
	once.(*sync.Once).Do(func() { createRoles(t, url) })
}

func createRoles(t *testing.T, url string) {
	t.Helper()
	for _, role := range accessRoles {
		attributes := ""
		if role == "sluice super" {
			attributes = " superuser"
		}
		sandbox.Exec(t, url, "create role "+catalog.Quote(role)+attributes)
	}
}

func fillAccess(t *testing.T, url string, major int) {
	t.Helper()
	makeRoles(t, url)
	fillFrom(t, url, "testdata/access/*.sql", major)
}

// hand gives everything its owner and its privileges.
func hand(t *testing.T, url string, source *catalog.Catalog) {
	t.Helper()
	var statements []string
	for i := range source.Objects {
		if owner := Owner(&source.Objects[i], source.Objects[i].Owner); owner != "" {
			statements = append(statements, owner)
		}
	}
	for i := range source.Objects {
		o := &source.Objects[i]
		statements = append(statements, Grants(o, o.Owner, func(role string) string { return role })...)
	}
	sandbox.Exec(t, url, strings.Join(statements, ";\n"))
}

// TestServersAgreeOnAccess is TestServersAgree with owners and privileges.
func TestServersAgreeOnAccess(t *testing.T) {
	t.Parallel()
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			server := sandbox.Shared(t, major, "source")
			a, b := server.Database(t), server.Database(t)
			fillAccess(t, a, major)
			source := read(t, a)
			rebuild(t, b, source)
			hand(t, b, source)

			target := read(t, b)
			sameCatalog(t, source, target)
			for _, o := range source.Objects {
				there := target.Find(o.ID)
				if there == nil || there.Owner != o.Owner || fmt.Sprint(o.Grants) != fmt.Sprint(there.Grants) {
					t.Errorf("%s:\n got %+v\nwant %+v", o.ID, there, o)
				}
			}
			acl, err := os.ReadFile("testdata/acl.sql")
			if err != nil {
				t.Fatal(err)
			}
			sameSet(t, "the server", sandbox.Query(t, a, string(acl)), sandbox.Query(t, b, string(acl)))
			sameSet(t, "pg_dump", sortedACLs(sandbox.Dump(t, a)), sortedACLs(sandbox.Dump(t, b)))
		})
	}
}

// sortedACLs are a dump's entries, those of privileges with their lines in order:
// an ACL keeps the order in which it was granted.
func sortedACLs(entries []string) []string {
	for i, entry := range entries {
		if strings.Contains(entry, "; Type: ACL;") || strings.Contains(entry, "; Type: DEFAULT ACL;") {
			lines := strings.Split(entry, "\n")
			slices.Sort(lines)
			entries[i] = strings.Join(lines, "\n")
		}
	}
	return entries
}
