// Package catalog holds PostgreSQL's nouns as plain values: what a database
// contains, under the names PostgreSQL gives it.
//
// A Catalog is what planner/introspect read from one server in one snapshot.
// It holds no connection, no clock and no row of a user's table. Objects are
// identified by ID, never by OID: the same object on two servers has the same
// ID and, where it is the same in every respect that SQL can express, the same
// Fingerprint. OIDs are kept beside it, since they are what a running server
// speaks in (pgoutput's Relation messages, pg_depend), and are worth nothing on
// another server.
//
// Names become SQL in this package only (Quote, Name.SQL): every statement that
// sluice builds quotes through it.
package catalog
