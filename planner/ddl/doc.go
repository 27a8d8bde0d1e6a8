// Package ddl writes the statements that make, drop and complete the objects of
// a catalog: values in, text out. It takes no decisions: which objects go, in
// which order and whether the target can hold them is the planner's business.
// What a target of that version cannot say at all it is asked nevertheless, and
// says so itself.
//
// Every statement can run inside a transaction, under any search_path: names
// are qualified and quoted. What PostgreSQL's own functions printed
// (pg_get_indexdef, pg_get_constraintdef, format_type, …) is taken over as it
// stands, so it must have been read under an empty search_path. Where there is
// a choice the statements are those of pg_dump, and the test asks pg_dump.
//
// An object's statements suffice for its fingerprint but for three things, each
// with a function of its own, because they need what is made later: a table's
// replica identity may name an index, a sequence is owned by a column, and a
// materialised view is filled when the rows are there. Owners and privileges
// are no part of the fingerprint: Owner and Grants write them, in that order, for
// objects that are complete. Default privileges come after all objects.
//
// What need each other, a view and a function that returns its rows, are made in
// two steps: Forward, then all the others, then Complete.
package ddl
