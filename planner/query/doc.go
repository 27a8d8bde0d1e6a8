// Package query compares queries as servers print them of what they have
// parsed: two majors may print one query in different words.
package query
