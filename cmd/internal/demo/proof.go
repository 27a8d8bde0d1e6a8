package demo

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor/session"
)

// proof compares both databases without sluice: every row of every table, and
// the shop's ledger with what its writers were told was committed.
func (s *show) proof(ctx context.Context) error {
	s.title("7. The proof, without sluice: checksums by SQL, and the writers' own ledger")
	source, err := sandbox.Checksums(ctx, s.source.URL(database))
	if err != nil {
		return err
	}
	target, err := sandbox.Checksums(ctx, s.target.URL(database))
	if err != nil {
		return err
	}
	different := 0
	for _, name := range slices.Sorted(maps.Keys(source)) {
		verdict := "equal"
		if source[name] != target[name] {
			verdict, different = "DIFFERENT", different+1
		}
		rows, sum, _ := strings.Cut(source[name], ":")
		s.say("%-28s %8s rows  checksum %-12.12s  %s", name, rows, sum, verdict)
	}
	if different > 0 || len(source) != len(target) {
		return fmt.Errorf("%d tables differ", different)
	}
	return s.ledger(ctx)
}

// ledger counts the writers' transactions on the target.
func (s *show) ledger(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.target.URL(database))
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	var acknowledged, arrived int64
	for _, w := range s.stats.Writers {
		var rows, highest int64
		const sql = `select count(*), coalesce(max(n), 0) from public.ledger where writer = $1`
		if err := conn.QueryRow(ctx, sql, w.Writer).Scan(&rows, &highest); err != nil {
			return err
		}
		if rows != highest || highest < w.Acknowledged || highest > w.Attempted {
			return fmt.Errorf("writer %d: %d transactions were acknowledged, and %d are on the target", w.Writer, w.Acknowledged, rows)
		}
		acknowledged, arrived = acknowledged+w.Acknowledged, arrived+rows
	}
	s.say("%-28s %s transactions acknowledged by the source, all of them on the target, once", "writers", humanize.Comma(acknowledged))
	if arrived > acknowledged {
		s.say("%-28s %d more were committed, but their writers were cut off before they were told", "", arrived-acknowledged)
	}
	return nil
}

// count counts the rows of a database.
func count(ctx context.Context, url string) (rows int64, tables int, err error) {
	sums, err := sandbox.Checksums(ctx, url)
	if err != nil {
		return 0, 0, err
	}
	for _, sum := range sums {
		text, _, _ := strings.Cut(sum, ":")
		n, _ := strconv.ParseInt(text, 10, 64) // "unpopulated" has no rows
		rows += n
	}
	return rows, len(sums), nil
}

func (s *show) summary() {
	s.title("Done in %s", time.Since(s.began).Round(time.Second))
	for _, line := range []string{
		"The shop runs on the target now. What has happened:",
		"  plan     said what would be done, in order, before anything was touched",
		"  apply    made the schema, copied the rows, built indexes and keys, and followed the changes",
		"  verify   compared every row on both sides while customers went on ordering",
		"  cutover  stopped writes on the source, brought over the last of them and the sequences",
		"Nothing was lost, nothing came twice, and any of these commands could have been killed and run again.",
	} {
		s.say("%s", line)
	}
	if !s.Keep {
		s.say("")
		s.say("The servers are gone. sluice demo -keep leaves them running, for you to look around.")
	}
}

// kept says what there is to look at.
func (s *show) kept() {
	s.title("The servers are still running")
	s.say("source  %s", s.source.URL(database))
	s.say("target  %s", s.target.URL(database))
	s.say("")
	s.say("Some things to try:")
	for _, line := range []string{
		"psql '" + s.target.URL(database) + "'",
		"psql '" + s.source.URL(database) + "' -c 'truncate public.carts'   # the fence refuses it",
		ourselves() + " status -chdir " + s.dir,
		ourselves() + " verify -chdir " + s.dir,
		ourselves() + " cleanup -chdir " + s.dir,
	} {
		s.say("  %s", line)
	}
	s.say("")
	s.say("To end them: kill %d %d, then remove %s, %s and %s", s.source.Pid(), s.target.Pid(), s.source.Dir(), s.target.Dir(), s.dir)
}

// ourselves is how this program was called: go run builds it in a directory
// that is gone afterwards.
func ourselves() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/sluice"
	}
	return os.Args[0]
}
