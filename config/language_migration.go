package config

import "time"

// Words that more than one argument takes.
var (
	onExisting   = []string{"error", "append", "truncate", "adopt", "skip"}
	onDivergence = []string{"stop", "quarantine"}
	objectKinds  = []string{ // those of planner/mapping/kinds.go; a test in cmd compares them
		"table", "foreign_table", "view", "materialized_view", "sequence", "function", "procedure", "aggregate",
		"trigger", "rule", "policy", "schema", "extension", "type", "domain", "collation", "conversion",
		"operator", "operator_class", "operator_family", "cast", "transform", "language", "access_method", "text_search",
		"event_trigger", "publication", "foreign_data_wrapper", "foreign_server", "large_objects",
		"default_privileges", "privileges", "security_label",
	}
)

var migrationSpec = &blockSpec{
	name: "migration", many: true, labels: []label{{name: "name", unique: true}},
	doc: "One database to move, or several with for_each.",
	args: []argSpec{
		{name: "for_each", kind: deferred, doc: "A set of strings or a map: one migration for each element, with each.key and each.value."},
		{name: "source", kind: referenceTo("source"), required: true, doc: "The source block to read from, such as source.old."},
		{name: "source_database", kind: text, filled: true, doc: "The database on the source, in place of the one in the source block."},
		{name: "target", kind: referenceTo("target"), required: true, doc: "The target block to write to, such as target.new."},
		{name: "target_database", kind: text, filled: true, doc: "The database on the target, in place of the one in the target block."},
		{name: "stages", kind: texts, filled: true, def: []string{"schema", "full", "incremental"}, oneOf: []string{"schema", "full", "incremental"}, doc: "Which types of migration are wanted; the order means nothing."},
		{name: "name_case", kind: text, def: "preserve", oneOf: []string{"preserve", "lower", "upper"}, doc: "The case of names on the target."},
		{name: "tags", kind: textMap, doc: "Words of your own. They are labels of every alert."},
		{name: "owners", kind: boolean, def: false, doc: "Objects keep their owners; otherwise they belong to the role that applies."},
		{name: "grants", kind: boolean, def: false, doc: "Objects keep their privileges and security labels, and roles their default privileges."},
		{name: "roles", kind: textMap, doc: "Role names that differ on the target: source name to target name."},
		{name: "tablespaces", kind: text, def: "default", oneOf: []string{"default", "keep"}, doc: "Where objects lie that have a tablespace of their own: in the target database's default one, or in one of the same name."},
	},
	blocks: []*blockSpec{
		{
			name: "objects", doc: "Which objects are migrated.",
			args: []argSpec{
				{name: "include", kind: patterns(2), filled: true, def: []Pattern{{Text: "*.*", Parts: []string{"*", "*"}}}, doc: "Patterns of two parts, schema.name; \"*.*\" is the whole database."},
				{name: "exclude", kind: patterns(2), doc: "Patterns of what include takes and is left out all the same."},
				{name: "kinds", kind: texts, filled: true, oneOf: objectKinds, doc: "Of what the patterns take, only objects of these kinds go, and what they need; every kind where none is given. A table takes along its indexes, constraints, statistics, partitions and sequences, and no views, triggers, rules, policies or routines, unless it needs them or their kinds are given too; a type its casts and operator classes; everything its security labels."},
			},
		},
		{
			name: "rename", many: true, labels: []label{{name: "kind", oneOf: []string{"schema", "table", "column"}}},
			doc: "Renames every object of a kind that matches. The first one that matches counts.",
			args: []argSpec{
				{name: "match", kind: pattern, required: true, doc: "A pattern with as many parts as such an object has: one for a schema, two for a table, three for a column."},
				{name: "to", kind: expression("self"), required: true, doc: "The new name: an expression over self.schema, self.table and self.name."},
			},
		},
		tableSpec,
		{
			name: "function", many: true, labels: []label{{name: "name", free: true, unique: true}},
			doc: "One function or procedure, as the plan calls it: \"public.total(integer)\". Without the arguments where there is one of that name.",
			args: []argSpec{
				{name: "body", kind: text, required: true, filled: true, doc: "Its body on the target, in place of the source's, with the names that things have there."},
			},
		},
		{
			name: "conflicts", doc: "What happens where something is already on the target.",
			args: []argSpec{
				{name: "on_existing", kind: text, def: "error", oneOf: onExisting, doc: "A table that is on the target and that sluice did not make: a conflict, rows are added, it is emptied first, its rows are taken for the source's, or it is left out."},
				{name: "row_full", kind: text, def: "keep_target", oneOf: []string{"keep_target", "error", "overwrite"}, doc: "A row whose key the target has already, in the full load into such a table."},
				{name: "row_incremental", kind: text, def: "overwrite", oneOf: []string{"overwrite", "error"}, doc: "A row that is there already, or is not, in the changes of such a table: the source's wins, or apply stops."},
			},
		},
		{
			name: "full", doc: "The full load.",
			args: []argSpec{
				{name: "workers", kind: number, def: 4, min: 1, max: 256, doc: "How many connections to the source copy at the same time, and how many indexes are built at the same time."},
				{name: "index_memory", kind: size, min: Bytes(64 << 20), doc: "The memory on the target for all indexes that are built at the same time, such as \"2GiB\": each has an equal part, as its maintenance_work_mem. Otherwise each has what the target's settings say."},
			},
			blocks: []*blockSpec{throttleSpec(
				argSpec{name: "source_queries_per_second", kind: number, min: 1, doc: "Queries on the source in a second, at most."},
			)},
		},
		{
			name: "incremental", doc: "The changes, until cutover.",
			args: []argSpec{
				{name: "slot", kind: slotName, doc: "The replication slot on the source; sluice_ with the name and key of the migration where none is given."},
				{name: "max_wal_retained", kind: size, notYet: true, doc: "How much WAL the slot may keep on the source before sluice acts."},
				{name: "on_ddl", kind: text, def: "pause", oneOf: []string{"pause", "apply"}, today: []string{"pause"}, doc: "What happens when a table changes its shape on the source; apply does additive changes by itself."},
				{name: "on_divergence", kind: text, def: "stop", oneOf: onDivergence, doc: "What happens when a change does not fit the target, since a row is missing there or is refused: apply stops, or the table stays as it is and its changes are passed over, while the others go on. A table in quarantine blocks the cutover until it is loaded again."},
				{name: "connections", kind: number, def: 4, min: 1, max: 16, doc: "How many connections to the target write changes at the same time, where there are many that do not depend on each other. It may change while the migration runs."},
			},
			blocks: []*blockSpec{
				{
					name: "spool", doc: "Keeps changes on disk, so that the source can drop its WAL while the load still runs.",
					args: []argSpec{
						{name: "directory", kind: text, required: true, filled: true, doc: "An absolute path on the machine where apply runs. Each migration has a directory of its own in it, with the name of its slot."},
						{name: "max_bytes", kind: size, required: true, min: Bytes(64 << 20), doc: "How much it may take, such as \"500GiB\". With no room left, the source keeps its WAL again. It may change while the migration runs."},
					},
				},
				throttleSpec(),
			},
		},
		{
			name: "retry", doc: "For how long an operation is tried again. Each outage starts the time anew.",
			args: []argSpec{
				{name: "connection", kind: duration, def: 12 * time.Hour, min: 10 * time.Minute, max: 24 * time.Hour, doc: "The server cannot be reached."},
				{name: "other", kind: duration, def: 10 * time.Minute, min: time.Minute, max: 24 * time.Hour, doc: "Other passing errors; less than connection."},
			},
		},
		{
			name: "verify", doc: "How the data is compared.",
			args: []argSpec{
				{name: "mode", kind: text, def: "full", oneOf: []string{"none", "count", "sample", "full"}, today: []string{"full"}, doc: "How much is compared."},
			},
		},
		alertSpec,
		{
			name: "cutover", doc: "The switch from source to target.",
			args: []argSpec{
				{name: "max_lag", kind: duration, def: time.Second, min: 10 * time.Millisecond, max: time.Hour, doc: "The switch begins only while the changes are not further behind."},
				{name: "max_write_pause", kind: duration, def: 30 * time.Second, min: time.Second, max: 24 * time.Hour, doc: "For how long the application may be unable to write; the switch undoes itself after it."},
				{name: "reverse", kind: boolean, def: false, doc: "Keeps a way back: what is written on the target after the switch flows to the source, until rollback or cleanup."},
			},
		},
		{
			name: "check", many: true, notYet: true, labels: []label{{name: "name", unique: true}},
			doc: "A rule of your own about the plan.",
			args: []argSpec{
				{name: "severity", kind: text, def: "error", oneOf: []string{"error", "warning"}, doc: "Whether it blocks."},
				{name: "condition", kind: expression("plan"), required: true, doc: "True where the plan is right: an expression over plan."},
				{name: "error_message", kind: expression("plan"), required: true, doc: "What to say where it is not."},
			},
		},
		{
			name: "accept", many: true, notYet: true, labels: []label{{name: "code", free: true}},
			doc: "Accepts a warning, by its code.",
			args: []argSpec{
				{name: "objects", kind: patterns(0), filled: true, doc: "The objects it is accepted for."},
				{name: "reason", kind: text, required: true, filled: true, doc: "Why, for those who read the plan."},
				{name: "until", kind: date, doc: "Until when: \"2026-12-31\"."},
			},
		},
	},
}

var tableSpec = &blockSpec{
	name: "table", many: true, labels: []label{{name: "name", parts: 2}},
	doc: "One table, in detail, by its exact name.",
	args: []argSpec{
		{name: "to", kind: text, filled: true, doc: "Its schema and name on the target, or its name alone: then it goes where its schema goes."},
		{name: "where", kind: text, filled: true, doc: "SQL over the columns of the row, by their names on the source: only rows for which it is true go, in the load and in the changes. It calls only what is IMMUTABLE; what is not PostgreSQL's own is written with its schema."},
		{name: "exclude_columns", kind: texts, filled: true, doc: "Columns that are left out, with the indexes and constraints on them."},
		{name: "replica_identity", kind: text, oneOf: []string{"full"}, doc: "Sets the replica identity on the source, so that changes of a table without a key can be followed."},
		{name: "on_existing", kind: text, oneOf: onExisting, doc: "As in conflicts, for this table and its partitions."},
		{name: "on_divergence", kind: text, oneOf: onDivergence, doc: "As in incremental, for this table and its partitions."},
		{name: "priority", kind: text, oneOf: []string{"first", "last"}, doc: "Its rows, and those of its partitions, are copied before the other tables', or after them. Otherwise the largest table comes first."},
	},
	blocks: []*blockSpec{{
		name: "column", many: true, labels: []label{{name: "name", free: true, unique: true}},
		doc: "One column, in detail.",
		args: []argSpec{
			{name: "to", kind: text, filled: true, doc: "Its name on the target."},
			{name: "value", kind: text, filled: true, doc: "SQL over the columns of the row, as in where, in place of the column's own value. That of an added column may use sluice_op (load, insert or update), sluice_commit_time and sluice_lsn."},
			{name: "add", kind: boolean, def: false, doc: "The column is on the target only. It needs type and value."},
			{name: "type", kind: text, filled: true, doc: "The type on the target: of an added column, after which NOT NULL may follow, or another one than the source's, which must know it too. Without value the column is cast to it."},
		},
	}},
}

// alertWords are those of executor/alert; a test in cmd compares them.
var alertWords = []string{"failure", "retrying", "lag", "wal", "full_load_time", "no_progress", "ddl", "divergence", "verify", "ready", "spool"}

var alertSpec = &blockSpec{
	name: "alert", many: true, labels: []label{{name: "name", free: true, unique: true}},
	doc: "Tells somebody, while apply runs and when it ends: at least one of webhook, alertmanager, slack, exec and email. All of it may change while the migration runs.",
	args: []argSpec{
		{name: "on", kind: text, required: true, oneOf: alertWords, doc: "What it is about."},
		{name: "over", kind: threshold, doc: "The limit: a duration for retrying (else \"1m\"), lag (\"1m\"), full_load_time (\"24h\") and no_progress (\"10m\"), a size for wal (\"10GiB\"). The others have none."},
		{name: "for", kind: duration, min: time.Duration(0), doc: "How long it must last before it is told. What ends the run (failure, ddl, divergence) is told at once."},
		{name: "repeat", kind: duration, def: 4 * time.Hour, min: time.Duration(0), doc: "After how long it is told again while it lasts; \"0s\": never."},
		{name: "webhook", kind: referenceTo("secret"), doc: "An address that takes the payload of Alertmanager's webhooks, version 4: a secret."},
		{name: "alertmanager", kind: referenceTo("secret"), doc: "The address of an Alertmanager, without /api/v2/alerts: a secret. It repeats by its own rules."},
		{name: "slack", kind: referenceTo("secret"), doc: "The address of an incoming webhook of Slack: a secret."},
		{name: "exec", kind: texts, filled: true, doc: "A command as a list of words; no shell is involved. It gets the webhook's payload on its standard input."},
	},
	blocks: []*blockSpec{{
		name: "email", doc: "Sends mail, over an encrypted connection (STARTTLS) only.",
		args: []argSpec{
			{name: "host", kind: text, required: true, filled: true, doc: "The mail server, or server:port; the port is 587 where none is given."},
			{name: "from", kind: text, required: true, filled: true, doc: "The sender's address."},
			{name: "to", kind: texts, required: true, filled: true, doc: "The addresses it goes to."},
			{name: "user", kind: text, filled: true, doc: "Whom to log in as. It needs password."},
			{name: "password", kind: referenceTo("secret"), doc: "The password: a secret."},
		},
	}},
}

func throttleSpec(more ...argSpec) *blockSpec {
	return &blockSpec{
		name: "throttle", doc: "Limits, shared by all workers. They may change while the migration runs.",
		args: append(more,
			argSpec{name: "rows_per_second", kind: number, min: 1, doc: "Rows in a second, at most; of the changes, rows that change."},
			argSpec{name: "bytes_per_second", kind: size, min: Bytes(1024), doc: "Bytes in a second, at most, such as \"50MiB\": as the source sends them."},
		),
	}
}
