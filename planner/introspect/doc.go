// Package introspect reads a live server into a catalog.Catalog.
//
// It relies on PostgreSQL 10 or later, on one connection that is in no
// transaction, and on the system catalogs being readable by everybody, as they
// are. Each kind of object has one set-based query, an embedded .sql file,
// however many objects there are; all of them run in one snapshot, in one
// pipeline or two, with the settings pinned that decide how the server writes
// expressions.
//
//	begin isolation level repeatable read, read only
//	pin the settings
//	run all queries, some on a second connection where there is one
//	each row becomes an object, and an entry address -> ID
//	resolve pg_depend's addresses to IDs, a part's to what it is a part of
//	rollback
//
// Beside that, Check asks a server about SQL that is declared over its tables.
//
// A caller must not assume that nothing is waited for: no lock is asked for,
// but the server itself opens what a view reads to write its definition, with
// ACCESS SHARE, and waits up to 10 s for whoever holds ACCESS EXCLUSIVE. Nor
// that a role sees all: what only a superuser may see is left empty.
package introspect
