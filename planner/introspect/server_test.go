package introspect

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestServerSaysWhatItIsAndWhoAsks(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, "create schema empty; create schema sluice")
		slot := "slot_" + sandbox.Query(t, dsn, "select oid from pg_database where datname = current_database()")[0]
		sandbox.Query(t, dsn, "select pg_create_logical_replication_slot($1, 'pgoutput')", slot)

		s := read(t, dsn).Server
		if s.Major() != major || !strings.HasPrefix(s.VersionText, strconv.Itoa(major)) || strings.Contains(s.VersionText, " ") {
			t.Errorf("version %d, %q", s.Version, s.VersionText)
		}
		if want := sandbox.Query(t, dsn, "select system_identifier from pg_control_system()")[0]; s.SystemIdentifier != want {
			t.Errorf("system identifier %s, want %s", s.SystemIdentifier, want)
		}
		if want := sandbox.Query(t, dsn, "select current_database()")[0]; s.Database != want || s.Bytes < 1<<20 {
			t.Errorf("database %s of %d bytes, want %s", s.Database, s.Bytes, want)
		}
		if want := sandbox.Query(t, dsn, `select pg_encoding_to_char(encoding), datcollate, datctype from pg_database
			where datname = current_database()`)[0]; s.Encoding+"|"+s.Collate+"|"+s.Ctype != want {
			t.Errorf("encoding %s, collate %s, ctype %s; want %s", s.Encoding, s.Collate, s.Ctype, want)
		}
		if !s.Superuser || !s.Replication || !s.CreateOn || !s.MayReplicaRole || !s.DatabaseOwner || s.InRecovery {
			t.Errorf("rights of the superuser: %+v", s)
		}
		for name, want := range map[string]string{"wal_level": "logical", "max_replication_slots": ""} {
			if got, ok := s.Settings[name]; !ok || want != "" && got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
		if want := (catalog.Slot{Name: slot, Plugin: "pgoutput", Database: s.Database}); !slices.Contains(s.Slots, want) || s.SlotsUsed != len(s.Slots) {
			t.Errorf("%d slots: %+v; want %+v among them", s.SlotsUsed, s.Slots, want)
		}
		if want := []string{"empty", "public", "sluice"}; !slices.Equal(s.Schemas, want) {
			t.Errorf("schemas %q, want %q", s.Schemas, want)
		}
	})
}

func TestARoleWithoutRightsReadsAllAndMayNothing(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, script(t, "kinds.sql"))
		sandbox.Exec(t, dsn, script(t, "others.sql"))
		sandbox.Exec(t, dsn, script(t, "access.sql"))
		sandbox.Exec(t, dsn, "revoke execute on function pg_catalog.pg_control_system() from public")
		all := read(t, dsn)
		c := read(t, as(t, dsn, newRole(t, dsn, "stranger")))

		if got, want := labels(c), labels(all); !slices.Equal(got, want) {
			t.Errorf("read\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		for _, o := range c.Objects {
			if table, ok := o.Spec.(*catalog.Table); ok && (table.Access.Select || table.Access.Owner) {
				t.Errorf("%s may be accessed: %+v", o.ID, table.Access)
			}
			if mapping, ok := o.Spec.(*catalog.UserMapping); ok && mapping.Hidden {
				continue // the view shows nobody else's options, and the catalog says so
			}
			if fingerprint := all.Find(o.ID).Fingerprint(); o.Fingerprint() != fingerprint {
				t.Errorf("%s is another to a stranger", o.ID)
			}
		}
		s := c.Server
		if s.Superuser || s.Replication || s.CreateOn || s.MayReplicaRole || s.DatabaseOwner {
			t.Errorf("rights of a stranger: %+v", s)
		}
		if s.SystemIdentifier != "" {
			t.Errorf("a stranger reads the system identifier %s", s.SystemIdentifier)
		}
	})
}

func TestAccessIsWhatWasGranted(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		reader, owner := newRole(t, dsn, "reader"), newRole(t, dsn, "owner")
		sandbox.Exec(t, dsn, strings.NewReplacer("READER", reader, "OWNER", owner).Replace(`
			grant OWNER to READER;
			create schema closed;
			create table closed.granted (a int);
			grant select on closed.granted to READER;
			create table granted (a int);
			grant select on granted to READER;
			create table by_column (a int, b int, gone int);
			alter table by_column drop column gone;
			grant select (a), select (b) on by_column to READER;
			create table in_part (a int, b int);
			grant select (a) on in_part to READER;
			create table not_granted (a int);
			create table owned (a int);
			alter table owned owner to OWNER;`))
		c := read(t, as(t, dsn, reader))
		for table, want := range map[string]catalog.Access{
			"granted":     {Select: true},
			"by_column":   {},
			"in_part":     {},
			"not_granted": {},
			"owned":       {Select: true, Owner: true},
		} {
			if got := tableOf(t, c, "public", table).Access; got != want {
				t.Errorf("access to %s: %+v, want %+v", table, got, want)
			}
		}
		if got := tableOf(t, c, "closed", "granted").Access; got != (catalog.Access{Select: true, Hidden: true}) {
			t.Errorf("a table in a schema that may not be used: %+v", got)
		}
	})
}

func tableOf(t testing.TB, c *catalog.Catalog, schema, name string) *catalog.Table {
	t.Helper()
	o := c.Find(catalog.ID{Kind: catalog.KindTable, Schema: schema, Name: name})
	if o == nil {
		t.Fatalf("no table %s.%s among %q", schema, name, labels(c))
	}
	return o.Spec.(*catalog.Table)
}

func TestRightsOfARoleComeByAttributeGrantOrMembership(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		dsn := server.Database(t)
		role := newRole(t, dsn, "migrator")
		facts := func() catalog.Server { return read(t, as(t, dsn, role)).Server }

		sandbox.Exec(t, dsn, "alter role "+role+" replication")
		if s := facts(); !s.Replication || s.MayReplicaRole || s.User != role {
			t.Errorf("with the attribute: %+v", s)
		}
		sandbox.Exec(t, dsn, "alter role "+role+" noreplication")

		// As on Amazon RDS.
		sandbox.Exec(t, dsn, "create role rds_replication; create role rds_superuser")
		t.Cleanup(func() { sandbox.Exec(t, dsn, "drop role rds_replication; drop role rds_superuser") })
		sandbox.Exec(t, dsn, "grant rds_replication to "+role)
		if s := facts(); !s.Replication || s.MayReplicaRole || s.Superuser {
			t.Errorf("in rds_replication: %+v", s)
		}
		sandbox.Exec(t, dsn, "revoke rds_replication from "+role+"; grant rds_superuser to "+role)
		if s := facts(); s.Replication || !s.MayReplicaRole || s.Superuser {
			t.Errorf("in rds_superuser: %+v", s)
		}
		sandbox.Exec(t, dsn, "revoke rds_superuser from "+role)

		if major >= 15 {
			sandbox.Exec(t, dsn, "grant set on parameter session_replication_role to "+role)
			if s := facts(); !s.MayReplicaRole {
				t.Errorf("with the parameter granted: %+v", s)
			}
			sandbox.Exec(t, dsn, "revoke set on parameter session_replication_role from "+role)
		}
		database := sandbox.Query(t, dsn, "select quote_ident(current_database())")[0]
		sandbox.Exec(t, dsn, "grant create on database "+database+" to "+role)
		if s := facts(); !s.CreateOn || !s.Temporary || s.DatabaseOwner {
			t.Errorf("with create granted: %+v", s)
		}
		sandbox.Exec(t, dsn, "revoke temporary on database "+database+" from public")
		if s := facts(); s.Temporary {
			t.Errorf("without temporary: %+v", s)
		}
		sandbox.Exec(t, dsn, "alter database "+database+" owner to "+role)
		t.Cleanup(func() { sandbox.Exec(t, dsn, "alter database "+database+" owner to postgres") })
		if s := facts(); !s.CreateOn || !s.DatabaseOwner {
			t.Errorf("as the owner: %+v", s)
		}
	})
}

func TestSizesAreOfFilesAndRowsAnEstimate(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, `create table fresh (a int);
			create table t (a int primary key, b text);
			alter table t alter column b set storage external;
			insert into t select i, repeat('x', 10000) from generate_series(1, 100) i;
			create index on t (b) where a < 0;
			create table p (a int) partition by list (a);
			create materialized view m as select x.a, y.b from t x join t y using (a);`)
		sandbox.Exec(t, dsn, "analyze t")
		c := read(t, dsn)
		if got := tableOf(t, c, "public", "fresh").Size; got.Rows != -1 || got.Pages != 0 || got.Bytes != 0 && got.Bytes != 8192 {
			t.Errorf("a table that was never analyzed: %+v", got)
		}
		if got := tableOf(t, c, "public", "t").Size; got.Rows != 100 || got.Pages != 1 || got.Bytes < 1_000_000 {
			t.Errorf("100 rows of 10,000 bytes: %+v", got)
		}
		if got := tableOf(t, c, "public", "p").Size; got.Pages != 0 || got.Bytes != 0 {
			t.Errorf("a partitioned table: %+v", got)
		}
		view := c.Find(catalog.ID{Kind: catalog.KindMaterializedView, Schema: "public", Name: "m"}).Spec.(*catalog.MaterializedView)
		if view.Size.Bytes == 0 {
			t.Errorf("the materialized view: %+v", view.Size)
		}
		key := c.Find(catalog.ID{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: "t_pkey"}).Spec.(*catalog.Constraint)
		if key.Bytes == 0 {
			t.Error("a key without bytes")
		}
	})
}
