// Package transform computes declared filters and values for the rows of the
// changes.
//
//	load      select <values> from only t where <filter>     on the source
//	changes   select <filter>, <values> from (select $1 …)   on the source, too
//
// In both, values are computed of what passes the filter alone: one may rely on
// it (amount / pieces where pieces > 0).
//
// One server evaluates both, with the same functions, collations and settings,
// so a row means the same in both; and the target needs none of the functions.
// Rows are evaluated many at once: one round trip for as many as are at hand.
//
// An update does not carry TOAST values that it left alone. Where one is needed,
// the row is read again: as it is by now, which may be later than the change.
// Whatever has changed it since is behind in the stream and comes yet, so that
// the target is ahead in this value, for a while: Read says up to which point.
package transform
