package planner

import (
	"cmp"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// Meaning is what a finding's code stands for, for the reference.
type Meaning struct {
	Code  string
	Title string
	Why   string
	Fix   string
}

// meanings is every code that a plan can carry. A code is never given a second
// meaning, and never taken away from the first.
var meanings = []Meaning{
	{"C101", "a table exists on the target and is not sluice's",
		"Copying into it would mix its rows with the source's, or overwrite them.",
		"Drop or rename it on the target, exclude it, or say with on_existing how to live with it."},
	{"C102", "an object on the target differs from the source's",
		"What depends on it would mean something else than on the source.",
		"Drop it on the target, make it equal, or exclude it."},
	{"C104", "two objects would have one name",
		"One of them could not be created, or two tables' rows would be mixed.",
		"Give one of them another name with to, or exclude it."},
	{"C105", "a name is longer than 63 bytes",
		"PostgreSQL would cut it off, so that nothing finds the object under its name.",
		"Declare a shorter name with to."},
	{"C106", "a name that the configuration or a stage relies on does not exist",
		"What was meant would silently not be migrated.",
		"Correct the name; the finding suggests near ones."},
	{"C107", "a selected object needs one that is left out",
		"It cannot be created without.",
		"Include what is needed, exclude what needs it, or create it on the target by hand."},
	{"C108", "an extension is missing on the target, or older than the source's",
		"Whatever its types and functions stand for cannot be created.",
		"Install the extension's package on the target's host, update the extension, or exclude it."},
	{"C109", "a privilege is missing",
		"A statement of the plan would be refused half way.",
		"Run the statements that the finding lists."},
	{"C110", "the source cannot decode changes",
		"A logical slot needs wal_level = logical, a free slot and a free sender on a primary.",
		"Change the settings that the finding names and restart the source."},
	{"C111", "a server is too old",
		"Logical decoding through publications begins with 10; a target must be 12 or later.",
		"Upgrade the server, or take another one."},
	{"C112", "the state belongs to other databases",
		"Going on would apply one database's changes to another.",
		"Point source and target back, or give the migration another address."},
	{"C113", "a schema is missing on the target and may not be created",
		"The role has no CREATE on the target database.",
		"Run the statements that the finding lists."},
	{"C114", "a table's updates cannot be followed",
		"It has no usable replica identity: publishing it would make PostgreSQL refuse the application's own updates and deletes.",
		"Add a primary key, declare replica_identity = \"full\", or exclude the table."},
	{"C116", "a server cannot be connected to",
		"Nothing can be planned without reading both sides.",
		"The finding names the cause: password, host, database, TLS, or a limit of the server."},
	{"C117", "what sluice made has gone from the target",
		"The state says it is done, so it would not be made again.",
		"Restore it, or start over: sluice cleanup, then apply."},
	{"C118", "the slot's or publication's name is taken",
		"It belongs to something else, which would lose its changes.",
		"Choose another slot in the incremental block, or drop what is there if nothing uses it."},
	{"C119", "source and target are one database",
		"There is nothing to move.",
		"Point the target at another database."},
	{"C120", "a filter or a value cannot be evaluated",
		"The source does not take its SQL, or it may give something else for the same row at another time.",
		"Correct the SQL: it has the columns of the row, and calls only what is IMMUTABLE."},
	{"C121", "a filter or a value has another type",
		"A filter is a boolean, and a value must be one of the column's type without a cast that could fail or cut something off.",
		"Cast it as you mean it, or declare another type for the column."},
	{"C122", "objects depend on each other in a circle",
		"None of them can be created first.",
		"Exclude one of them and create it by hand."},
	{"C123", "changes without the full load they belong to",
		"Changes apply to the rows that were copied under the same slot.",
		"Declare the stage \"full\" too."},
	{"C124", "an object changed on the source after it was created on the target",
		"The target has it as it was.",
		"Make the same change on the target by hand, or start over: sluice cleanup -drop-created, then apply."},
	{"C125", "the migration is not ready for this command",
		"A cutover is safe only while the changes are followed.",
		"Run what the finding says first."},
	{"C126", "another process is running the migration",
		"Removing its slot and state under it would break it half way.",
		"Stop that process, then try again."},
	{"C127", "the tables to follow are others than those of the publication",
		"A table that turned up after the publication was made is not in it: changes made before it was added would be lost.",
		"Exclude it until the cutover, or start over: sluice cleanup -drop-created, then apply."},
	{"C128", "an object has what the target's version has not",
		"The target is older than the source.",
		"Move to a newer target, or exclude the object."},
	{"C129", "a tablespace is missing on the target",
		"tablespaces = \"keep\" asks for tablespaces of the same names.",
		"Create it on the target, or declare tablespaces = \"default\"."},
	{"C130", "names in an object's text cannot be changed",
		"A rule or function that writes to a table whose columns have other names, a table that is called like its schema, or a typed table, whose columns come with its type.",
		"Exclude the object and create it by hand, or leave those names as they are."},
	{"C131", "a rename block gives no name",
		"Its expression fails for an object, or is empty.",
		"Correct the expression; it has self.schema, self.table and self.name."},
	{"C132", "a filter or a value cannot be carried out for a table",
		"The load could compute it and the changes could not, or the column is not the table's own to compute.",
		"Do what the finding says."},
	{"C140", "rows of an existing table cannot be kept or replaced",
		"Nothing tells which row of the target has the same key, or a column of it can only be set by INSERT.",
		"Add the key or change the column on the target, or declare another rule for rows."},
	{"C141", "an existing table cannot be truncated",
		"PostgreSQL truncates a table that another one refers to only together with that one.",
		"Declare on_existing = \"truncate\" for the other table too, or drop the foreign key on the target."},
	{"C142", "a trigger on the target fires for the rows that sluice writes",
		"Enabled ALWAYS or REPLICA, it would change or double what has happened on the source already.",
		"Enable it in the usual way, or disable it until the cutover."},
	{"C143", "on_existing changed after a table's rows were begun",
		"The rows that sluice wrote cannot be told any more from those that were there.",
		"Go back to what was declared, or start over."},
	{"W201", "a table has no primary key",
		"A change finds its row by comparing every column; of several equal rows any one is taken.",
		"Add a primary key on the source, or go on."},
	{"W202", "REPLICA IDENTITY FULL on a big table",
		"Every update writes the whole old row to WAL; without a key each change searches the table on the target.",
		"Add a primary key or a unique index over columns that are not null, or go on."},
	{"W203", "an unlogged table",
		"It writes no WAL, so its changes are not followed: its rows stay as they were when copied.",
		"alter table … set logged on the source, exclude it, or go on."},
	{"W204", "large objects are not followed",
		"Logical decoding does not carry them: what is written to one after it was copied stays behind.",
		"Keep them as bytea in a table, or let their writers rest from the load to the cutover."},
	{"W207", "the source may drop WAL that the slot needs",
		"max_slot_wal_keep_size bounds what a slot may keep; beyond it the slot is lost and the load starts over.",
		"Raise it, set it to -1, or go on."},
	{"W208", "a function's body has names that change",
		"A body is a string that only its language reads: sluice changes what is beyond doubt, and shows the rest.",
		"Look at the lines; where they mean the renamed object, replace the function on the target after the run."},
	{"W209", "a trigger would fire for the changes too",
		"ENABLE ALWAYS and ENABLE REPLICA fire while changes are applied, where the source's trigger has fired already.",
		"None needed: it is created at cutover."},
	{"W213", "encoding or collation differ between the databases",
		"Text may sort differently, and a character may have no equal.",
		"Create the target database with the source's encoding and locale, or go on."},
	{"W216", "a role is missing on the target",
		"What it owns belongs to the role that applies; its privileges and user mappings are left out.",
		"Create the role, or say with roles = { … } which one stands for it."},
	{"W218", "a filter reads columns outside the key",
		"An update or delete carries the old row's key alone: its row is taken out by the key, and put in anew where it passes; a long value that was not changed is read again from the source.",
		"None needed; REPLICA IDENTITY FULL makes the changes carry the old row."},
	{"W219", "a foreign key refers to a filtered table",
		"A row that refers to one which the filter leaves out makes the key fail.",
		"Filter the table that refers too, or exclude the key."},
	{"W220", "sequences move at cutover",
		"Logical decoding carries no sequences; until cutover the target's lag behind.",
		"None needed, unless something draws from the target's sequences before."},
	{"W221", "an exclude pattern matches nothing",
		"It may be misspelt, and what it was to keep out is going.",
		"Correct or remove it."},
	{"W222", "nothing follows the changes",
		"Without the stage \"incremental\", what is written after a table was read does not arrive.",
		"Let writes on the source rest from the start of the load on, or declare the stage."},
	{"W223", "rows are added to a table that may hold some",
		"Without the stage \"schema\", rows go into the table that is there.",
		"Empty it first: a load refuses a table that holds rows."},
	{"W224", "sessions on the source will be ended",
		"A session that began before the fence could still hold a snapshot or a lock.",
		"Stop the application's writers first, or go on."},
	{"W225", "what sluice created on the target will be dropped",
		"Its rows go with it.",
		"Leave out -drop-created to keep them."},
	{"W226", "the source will take writes again",
		"The fence is part of what cleanup removes; what is written there afterwards reaches nobody.",
		"Take the source out of use first, or go on."},
	{"W227", "the target is older than the source",
		"PostgreSQL promises that a newer server takes what an older one has, and not the reverse.",
		"Move to a server that is not older, or go on: what the plan can see that cannot go is C128."},
	{"W228", "a password stays behind",
		"A plan is a file that people read: no secret of a foreign server is in it, or even read.",
		"Set the option on the target by hand once the object is created."},
	{"W240", "rows of an existing table will be deleted",
		"on_existing = \"truncate\" empties it before the source's rows come.",
		"Declare \"append\" to keep them, or go on."},
	{"W241", "a key is made on a table that holds rows of its own",
		"It is made after the rows, so that a row of the same key is no conflict in the load, and makes it fail.",
		"Create the key on the target first, or go on."},
	{"N310", "a function's code is not on the target",
		"A function in C is a name in a library, which is a file on the source's host; only a superuser may create one.",
		"Install the library on the target; what needs the function is C107."},
	{"N311", "an event trigger waits for the cutover", "It would fire for sluice's own statements.", "None needed."},
}

// Meanings returns every code with what it stands for, by code.
func Meanings() []Meaning { return slices.Clone(meanings) }

// MeaningOf returns what a code stands for, or the zero Meaning.
func MeaningOf(code string) Meaning {
	for _, m := range meanings {
		if m.Code == code {
			return m
		}
	}
	return Meaning{}
}

// sortFindings orders by code, then object, then text, and removes what is said twice.
func sortFindings(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), catalog.Compare(a.Object, b.Object), strings.Compare(a.Summary, b.Summary))
	})
	return slices.CompactFunc(findings, func(a, b Finding) bool {
		return a.Code == b.Code && a.Object == b.Object && a.Summary == b.Summary
	})
}
