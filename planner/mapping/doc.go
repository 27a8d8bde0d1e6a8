// Package mapping decides what is selected and what it is called on the
// target. It is the only place where a name changes; today every name stays.
//
// It relies on a source catalog alone, never on the target: whether a thing
// that stays behind is there already is planner's to judge.
//
//	exclude   what a pattern leaves out, with its parts, partitions, sequences
//	include   whole schemas, and what is named; of that the kinds asked for
//	close     what is named takes what it needs: never another table's rows;
//	          a foreign table takes its server, a server its user mappings
//	leave     all the rest, each with the cause
package mapping
