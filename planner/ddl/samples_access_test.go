package ddl

import "sluice/planner/catalog"

// hostileName is hostile in a hostile schema.
var hostileName = catalog.Name{Schema: hostile, Local: hostile}

func extensionSamples() []sample {
	extension := func(name, comment string, spec catalog.Extension) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindExtension, Name: name}, Comment: comment, Spec: &spec}
	}
	return []sample{
		{"in the version of the catalog", 0, extension("hstore", "", catalog.Extension{Schema: "public", Version: "1.8"})},
		{"in the default version, with a comment of its own", 0, extension(hostile, hostile, catalog.Extension{Schema: hostile})},
		{"hostile version", 0, extension("x", "", catalog.Extension{Schema: "public", Version: hostile})},
	}
}

func publicationSamples() []sample {
	publication := func(name string, spec catalog.Publication) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindPublication, Name: name}, Owner: "shop", Spec: &spec}
	}
	everything := []string{"publish=insert, update, delete, truncate"}
	return []sample{
		{"of nothing", 0, publication("p", catalog.Publication{Options: []string{"publish="}})},
		{"of all tables", 0, publication("p", catalog.Publication{AllTables: true, Options: everything})},
		{"of all tables and sequences", 0, publication("p", catalog.Publication{AllTables: true, AllSequences: true, Options: everything})},
		{"of all that can be said", 0, publication(hostile, catalog.Publication{
			Tables: []catalog.PublishedTable{
				{Name: public("plain")},
				{Name: hostileName, Columns: []string{hostile, "b"}, Where: "(a > 5)"},
			},
			Schemas: []string{hostile, "public"},
			Options: []string{"publish=insert, update", "publish_via_partition_root=true", "publish_generated_columns=stored"},
		})},
	}
}

func eventTriggerSamples() []sample {
	trigger := func(name, enabled string, tags ...string) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindEventTrigger, Name: name}, Owner: "shop", Comment: hostile,
			Spec: &catalog.EventTrigger{Event: "ddl_command_end", Tags: tags, Enabled: enabled,
				Function: in(hostile, catalog.KindFunction, hostile)}}
	}
	return []sample{
		{"for every command", 0, trigger("t", "origin")},
		{"for some, disabled", 0, trigger(hostile, "disabled", "CREATE TABLE", "it's")},
		{"for replicas", 0, trigger("t", "replica")},
		{"always", 0, trigger("t", "always")},
	}
}

func defaultPrivilegesSamples() []sample {
	defaults := func(schema, kind string, grants catalog.Grants) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindDefaultACL, Schema: schema, Name: hostile, Args: kind},
			Spec: &catalog.DefaultACL{Grants: grants}}
	}
	return []sample{
		{"in a schema", 0, defaults("public", "tables", catalog.Grants{List: []catalog.Grant{
			{Grantee: "reader", Privilege: "INSERT"}, {Grantee: "reader", Privilege: "SELECT"},
			{Grantee: hostile, Privilege: "SELECT", Grantable: true}, {Privilege: "SELECT"}}})},
		{"less for the public", 0, defaults("", "functions", catalog.Grants{RevokedFromPublic: true})},
		{"less for the owner", 0, defaults("", "large objects", catalog.Grants{RevokedFromOwner: true,
			List: []catalog.Grant{{Grantee: hostile, Privilege: "SELECT"}}})},
	}
}

func securityLabelSamples() []sample {
	label := func(on catalog.ID, column string) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindSecurityLabel, Name: hostile, Args: "whatever"},
			Spec: &catalog.SecurityLabel{On: on, Column: column, Label: hostile}}
	}
	routine := in("public", catalog.KindFunction, "f")
	routine.Args = "a integer"
	aggregate := in("public", catalog.KindAggregate, "sum")
	aggregate.Args = "integer"
	return []sample{
		{"on a table", 0, label(in(hostile, catalog.KindTable, hostile), "")},
		{"on a column", 0, label(in("public", catalog.KindView, "v"), hostile)},
		{"on a function or procedure", 0, label(routine, "")},
		{"on an aggregate", 0, label(aggregate, "")},
		{"on a schema", 0, label(catalog.ID{Kind: catalog.KindSchema, Name: "public"}, "")},
	}
}

// accessSamples have an owner and privileges, of each kind.
func accessSamples() []sample {
	object := func(kind catalog.Kind, args string, spec catalog.Spec) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: kind, Schema: hostile, Name: "x", Args: args}, Owner: "shop", Spec: spec,
			Grants: &catalog.Grants{List: []catalog.Grant{{Grantee: "reader", Privilege: "USAGE"}}}}
	}
	global := func(kind catalog.Kind, args string, spec catalog.Spec) catalog.Object {
		o := object(kind, args, spec)
		o.ID.Schema = ""
		return o
	}
	large := global(catalog.KindLargeObject, "", &catalog.LargeObjects{})
	large.ID.Name = "16401"
	identity := object(catalog.KindTable, "", &catalog.Table{Columns: []catalog.Column{{Name: "id", Type: "bigint", Statistics: -1,
		Identity: "always", Sequence: &catalog.IdentitySequence{Name: hostileName, Options: bigint, Grants: &catalog.Grants{
			RevokedFromOwner: true, List: []catalog.Grant{{Grantee: "shop", Privilege: "USAGE"}}}}}}})
	chain := object(catalog.KindTable, "", &catalog.Table{})
	chain.Grants = &catalog.Grants{RevokedFromPublic: true, RevokedFromOwner: true, List: []catalog.Grant{
		{Grantee: "another", Privilege: "SELECT", FromOthers: "deputy"},
		{Grantee: "deputy", Privilege: "SELECT", Grantable: true, FromOthers: hostile},
		{Grantee: hostile, Privilege: "INSERT"},
		{Grantee: hostile, Privilege: "SELECT", Grantable: true},
		{Grantee: hostile, Privilege: "UPDATE"},
		{Grantee: "nobody knows", Privilege: "DELETE", FromOthers: "nobody"},
		{Column: hostile, Privilege: "INSERT"},
		{Column: hostile, Privilege: "SELECT"},
		{Column: "b", Grantee: "another", Privilege: "SELECT", FromOthers: hostile},
		{Grantee: "shop", Privilege: "SELECT"},
	}}
	owned := object(catalog.KindSequence, "", &catalog.Sequence{Options: bigint, OwnedBy: &catalog.ColumnRef{Table: hostileName, Column: "id"}})
	return []sample{
		{"schema", 0, global(catalog.KindSchema, "", &catalog.Schema{})},
		{"type", 0, object(catalog.KindType, "", &catalog.Enum{})},
		{"domain", 0, object(catalog.KindDomain, "", &catalog.Domain{Type: "text"})},
		{"function", 0, object(catalog.KindFunction, "a integer", &catalog.Function{Definition: "…"})},
		{"procedure", 0, object(catalog.KindFunction, "a integer", &catalog.Function{Definition: "…", Procedure: true})},
		{"sequence", 0, object(catalog.KindSequence, "", &catalog.Sequence{Options: bigint})},
		{"sequence of a column, which is its table's owner's", 0, owned},
		{"view", 0, object(catalog.KindView, "", &catalog.View{})},
		{"materialised view", 0, object(catalog.KindMaterializedView, "", &catalog.MaterializedView{})},
		{"table with an identity sequence", 0, identity},
		{"table with a chain of grants", 0, chain},
		{"large object", 0, large},
	}
}
