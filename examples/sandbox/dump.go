package sandbox

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// dumpEntry is the head of an entry: "-- Name: t; Type: TABLE; Schema: public; Owner: -".
	dumpEntry = regexp.MustCompile(`(?m)^--\n-- Name: (?s:.*?); Type: .*; Schema: (?s:.*?); Owner: .*\n--\n`)
	// dumpSetting comes before whichever entry needs it first; \restrict has a random word.
	dumpSetting = regexp.MustCompile(`(?m)^(SET default_|\\(un)?restrict ).*\n`)
)

// Dump returns what pg_dump says of a database's schema, an entry each, sorted;
// nil where there is no pg_dump that is as new as the server.
func Dump(tb testing.TB, url string, options ...string) []string {
	tb.Helper()
	if newest := dumpMajor(); newest < majorOf(tb, url) {
		tb.Logf("without pg_dump, which is of PostgreSQL %d", newest)
		return nil
	}
	cmd := exec.Command("pg_dump", append([]string{"--schema-only", "--dbname=" + url}, options...)...)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("dumping: %v: %s", err, failure.String())
	}
	text := dumpSetting.ReplaceAllString(string(out), "")
	text = strings.TrimSuffix(strings.TrimSpace(text), "--\n-- PostgreSQL database dump complete\n--")
	var entries []string
	from := 0
	for _, head := range dumpEntry.FindAllStringIndex(text, -1) {
		entries = append(entries, strings.TrimSpace(text[from:head[0]]))
		from = head[0]
	}
	entries = append(entries, strings.TrimSpace(text[from:]))
	slices.Sort(entries)
	return entries
}

// dumpMajor is the major version of pg_dump; 0: there is none.
func dumpMajor() (major int) {
	out, err := exec.Command("pg_dump", "--version").Output()
	if err != nil {
		return 0
	}
	fmt.Sscanf(string(out), "pg_dump (PostgreSQL) %d", &major)
	return major
}

func majorOf(tb testing.TB, url string) (major int) {
	tb.Helper()
	for _, line := range Query(tb, url, "select current_setting('server_version_num')::int / 10000") {
		fmt.Sscan(line, &major)
	}
	return major
}
