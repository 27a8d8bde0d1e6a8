package ddl

import (
	"testing"

	"sluice/examples/sandbox"
)

// ownSchemas are extensions that bring a schema: by their control file, which
// makes it where it is missing, and by their script, which makes it a member.
var ownSchemas = map[string]string{
	"by_control.control":      "default_version = '1.0'\nrelocatable = false\nschema = 'made_by_control'\ncomment = 'makes its schema'\n",
	"by_control--1.0.sql":     "create table @extschema@.t (a int);\n",
	"by_script.control":       "default_version = '1.0'\nrelocatable = false\nschema = 'pg_catalog'\n",
	"by_script--1.0.sql":      "create schema made_by_script; create table made_by_script.t (a int);\n",
	"within.control":          "default_version = '2.0'\nrelocatable = true\n",
	"within--1.0.sql":         "create table in_another (a int);\n",
	"within--1.0--2.0.sql":    "alter table in_another add b int;\n",
	"needs_within.control":    "default_version = '1.0'\nrelocatable = true\nrequires = 'within'\n",
	"needs_within--1.0.sql":   "create table needs_another (a int);\n",
	"a_cascade.control":       "default_version = '1.0'\nrelocatable = true\nrequires = 'needs_within'\n",
	"a_cascade--1.0.sql":      "create table last (a int);\n",
	"commented.control":       "default_version = '1.0'\nrelocatable = true\ncomment = 'by default'\n",
	"commented--1.0.sql":      "select 1;\n",
	"we\"ird.control":         "default_version = '1\"0'\nrelocatable = true\n",
	"we\"ird--1\"0.sql":       "select 1;\n",
	"configuration.control":   "default_version = '1.0'\nrelocatable = true\n",
	"configuration--1.0.sql":  "create table c (a int); select pg_extension_config_dump('c', '');\n",
	"with_members.control":    "default_version = '1.0'\nrelocatable = true\n",
	"with_members--1.0.sql":   "create table m (a int); create view v as select a from m; create function f() returns int language sql as 'select 1';\n",
	"with_trigger.control":    "default_version = '1.0'\nrelocatable = true\n",
	"with_trigger--1.0.sql":   "create function e() returns event_trigger language plpgsql as 'begin end'; create event trigger theirs on sql_drop execute function e();\n",
	"with_privilege.control":  "default_version = '1.0'\nrelocatable = true\n",
	"with_privilege--1.0.sql": "create table p (a int); grant select on p to public; revoke execute on function pg_catalog.pg_reload_conf() from public;\n",
}

// TestExtensionsBringTheirSchemas: what an extension makes is not made twice.
func TestExtensionsBringTheirSchemas(t *testing.T) {
	t.Parallel()
	server := sandbox.WithExtensions(t, ownSchemas)
	a, b := server.Database(t), server.Database(t)
	sandbox.Exec(t, a, `
		create extension by_control;
		comment on schema made_by_control is 'of the user';
		create extension by_script;
		create extension within schema made_by_script version '1.0';
		create extension a_cascade cascade;
		create extension commented;
		comment on extension commented is 'by the user';
		create extension "we""ird";
		create extension configuration;
		create schema members;
		create extension with_members schema members;
		create extension with_trigger;
		create extension with_privilege;
		create view public.over as select v.a from members.v join members.m using (a);`)
	source := read(t, a)
	rebuild(t, b, source)
	sameCatalog(t, source, read(t, b))
	sameSet(t, "the server", system(t, a), system(t, b))
}
