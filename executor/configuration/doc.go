// Package configuration carries the rows of extensions' configuration tables,
// which are the user's although CREATE EXTENSION makes the tables.
//
//	source: one snapshot              target: one transaction
//	                                    for each table, last first: delete
//	for each table: COPY … TO      ->     COPY … FROM
//	for each sequence: its value   ->     setval
//
// A table has a condition that says which rows are the user's; the others come
// with the extension, and may differ on the target where its version does. Only
// rows of that condition are deleted and copied, so a second run gives the same.
//
// The caller must have created the extensions on the target, with all of the
// columns that the source's have. Triggers of the tables fire, as they do for
// what pg_dump restores. The role needs SELECT on the source's tables, and on the
// target's SELECT, INSERT, DELETE, and UPDATE of the sequences: who created the
// extension has all that where the extension is not a trusted one.
// https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES
package configuration
