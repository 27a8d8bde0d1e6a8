// Package mapping decides what is selected and what it is called on the
// target. It is the only place where a name changes.
//
// It relies on a source catalog alone, never on the target: whether a thing
// that stays behind is there already is planner's to judge.
//
//	exclude   what a pattern leaves out, with its parts, partitions, sequences
//	include   whole schemas, and what is named; of that the kinds asked for
//	close     what is named takes what it needs: never another table's rows;
//	          a foreign table takes its server, a server its user mappings
//	leave     all the rest, each with the cause
//	name      what is selected: its ID, and every name that its properties and
//	          texts hold; columns that are left out go here, too
//
// Texts are what the server prints under an empty search_path, where names have
// their schema; so tokens are enough, and what they do not tell is an error.
// The bodies of functions that are strings are people's, and are changed only
// where there is no doubt.
package mapping
