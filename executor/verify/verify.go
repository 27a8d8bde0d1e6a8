// Package verify compares the rows of two databases without moving them.
//
//	each server: count(*), sum of a hash of each row's text    per table
//	where they differ: the same per bucket of keys
//	where a bucket differs: the keys and row hashes of that bucket
//
// A table with rows of the target's own is compared row by row: contained.go.
//
// The sums are free of order, so neither side sorts; memory is one bucket's keys.
// Both sides are read under snapshots that the caller says are the same state:
// executor holds the changes at the position of the source's snapshot while the
// target's is taken. There is no false alarm, and rows may change all the while.
//
// TRUNCATE and rewrites are the exception: a snapshot from before finds such a
// table empty (https://www.postgresql.org/docs/current/mvcc-caveats.html). A
// table whose file is no longer the one of the snapshot is therefore Moved: its
// result says nothing, and it has to be compared again under new snapshots.
//
// It relies on the pinned settings of executor/session: the text of a value is
// the same on both sides only under them.
package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/executor/session"
	"sluice/planner/catalog"
)

// Table says what to compare.
type Table struct {
	Source, Target Side
	// Own: the target may have rows that the source has not. Kept: and a row of
	// the source's key that is another one, since it was there before.
	Own, Kept bool
}

// Side is a table on one side.
type Side struct {
	Name   catalog.Name
	Values []string // SQL of what is compared, on both sides in the same order
	Key    []string // SQL; empty: a row is known by all its values
	Where  string   // SQL of the rows that are compared; empty: all
	Below  bool     // the rows of the tables below it are compared, too
}

// Options of Compare.
type Options struct {
	Source, Target session.Server
	// Snapshots of the two sides, exported by transactions that stay open until
	// Compare returns; empty: each table is read as it is then.
	SourceSnapshot, TargetSnapshot string
	Workers                        int          // tables at once; 0 is DefaultWorkers
	Done                           func(Result) // told of each table; may be nil
	Differences                    int          // of a table, at the most; 0 is DefaultDifferences
}

// DefaultWorkers keeps two connections to each side busy.
const DefaultWorkers = 2

// Result of one table.
type Result struct {
	Table      catalog.Name
	Rows       int64 // on the source
	TargetRows int64
	Hash       string // of the source's rows, free of order
	Equal      bool
	Moved      bool         // not in the state of the snapshots, as a truncated table is: nothing is known
	File       string       // the source's pg_relation_filenode
	Different  []Difference // some, by key
	Own        int64        // rows that the target alone has, and may have
	Kept       int64        // rows that differ, and may since the target's was to stay
	More       bool         // there are others
	// Quarantine says since when and why the table's changes are passed over: it was
	// not compared. Empty: they are applied.
	Quarantine string
	Paused     bool // it is not in quarantine, but waits
}

// Difference is one row, known by its key, or by its hash where it has none.
type Difference struct {
	Key  string
	What string // "only on the source", "only on the target", "different"
}

// DefaultDifferences are as many as a person looks at.
const DefaultDifferences = 20

// Keys of the rows in Different.
func (r Result) Keys() (keys []string) {
	for _, d := range r.Different {
		keys = append(keys, d.Key)
	}
	return keys
}

// Compare compares tables and returns a result for each, in their order.
func Compare(ctx context.Context, o Options, tables []Table) ([]Result, error) {
	workers := o.Workers
	if workers == 0 {
		workers = DefaultWorkers
	}
	results := make([]Result, len(tables))
	next := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(next)
		for i := range tables {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range min(workers, len(tables)) {
		group.Go(func() error {
			c, err := open(ctx, o)
			if err != nil {
				return err
			}
			defer c.close(ctx)
			for i := range next {
				if results[i], err = c.within(ctx, o, tables[i]); err != nil {
					return fmt.Errorf("comparing %s: %w", tables[i].Target.Name, err)
				}
				if o.Done != nil {
					o.Done(results[i])
				}
			}
			return nil
		})
	}
	return results, group.Wait()
}

// comparer is a pair of connections, used by one worker.
type comparer struct {
	source, target *pgx.Conn
	most           int  // differences of a table
	alike          bool // both servers hash a text alike
}

func open(ctx context.Context, o Options) (*comparer, error) {
	source, err := o.Source.Connect(ctx, "verify")
	if err != nil {
		return nil, err
	}
	target, err := o.Target.Connect(ctx, "verify")
	if err != nil {
		session.Close(ctx, source)
		return nil, err
	}
	c := &comparer{source: source, target: target, most: cmp.Or(o.Differences, DefaultDifferences)}
	if c.alike, err = hashAlike(ctx, source, target); err != nil {
		c.close(ctx)
		return nil, err
	}
	return c, nil
}

// hashAlike says that both servers have the hash that partitions are chosen by, which
// no release may change, and that it is the same on both: it is another one where the
// order of bytes or the encoding is. Then it stands for md5, of which a row takes three
// times as long.
func hashAlike(ctx context.Context, conns ...*pgx.Conn) (bool, error) {
	const since = 11
	probes := make([]string, len(conns))
	for i, conn := range conns {
		if major(conn) < since {
			return false, nil
		}
		const sql = `select concat(getdatabaseencoding(), hashtextextended('a text of more than twelve bytes', 0), hashtextextended('', 1))`
		if err := conn.QueryRow(ctx, sql).Scan(&probes[i]); err != nil {
			return false, err
		}
	}
	return probes[0] == probes[1], nil
}

// within compares one table in transactions of its own. What is read stays
// locked (ACCESS SHARE) until its transaction ends: in one for all tables the
// application's ALTER TABLE, and whoever queues behind it, would wait for the
// last table of the database; and so would a TRUNCATE among the changes.
func (c *comparer) within(ctx context.Context, o Options, t Table) (r Result, err error) {
	digits := floatDigits(c.source, c.target)
	if err := begin(ctx, c.source, o.SourceSnapshot, digits); err != nil {
		return Result{}, fmt.Errorf("opening a snapshot of %s: %w", o.Source.Ref, err)
	}
	if err := begin(ctx, c.target, o.TargetSnapshot, digits); err != nil {
		return Result{}, fmt.Errorf("opening a snapshot of %s: %w", o.Target.Ref, err)
	}
	if r, err = c.compare(ctx, t); err != nil {
		return Result{}, err
	}
	_, _, err = both(ctx, c, t, func(_ Side, ctx context.Context, conn *pgx.Conn) (struct{}, error) {
		return struct{}{}, session.Exec(ctx, conn.PgConn(), "commit")
	})
	return r, err
}

func begin(ctx context.Context, conn *pgx.Conn, snapshot, digits string) error {
	sql := "begin isolation level repeatable read read only"
	if snapshot != "" {
		sql += "; set transaction snapshot " + catalog.Literal(snapshot)
	}
	err := session.Exec(ctx, conn.PgConn(), sql+"; set local extra_float_digits = "+digits)
	if ended := session.SnapshotEnded(err); ended != nil {
		return ended
	}
	return err
}

// floatDigits is under which extra_float_digits both servers print a float alike:
// before 12 there is no shortest text that is exact, and 15 digits (of real 6)
// are what every server agrees on.
func floatDigits(conns ...*pgx.Conn) string {
	for _, c := range conns {
		if major(c) < 12 {
			return "0"
		}
	}
	return "3"
}

// major is a server's; of one that is not released yet, it is greater than all others.
func major(c *pgx.Conn) int {
	version, _, _ := strings.Cut(c.PgConn().ParameterStatus("server_version"), ".")
	n, err := strconv.Atoi(version)
	if err != nil {
		return math.MaxInt
	}
	return n
}

func (c *comparer) close(ctx context.Context) {
	session.Close(ctx, c.source)
	session.Close(ctx, c.target)
}

// both runs one query about a table on the two servers at once.
func both[T any](ctx context.Context, c *comparer, t Table, query func(Side, context.Context, *pgx.Conn) (T, error)) (source, target T, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if source, err = query(t.Source, ctx, c.source); err != nil {
			err = fmt.Errorf("source: %w", err)
		}
		return err
	})
	group.Go(func() (err error) {
		if target, err = query(t.Target, ctx, c.target); err != nil {
			err = fmt.Errorf("target: %w", err)
		}
		return err
	})
	return source, target, group.Wait()
}

// sum is the digest of a set of rows.
type sum struct {
	rows int64
	hash string
}

func (c *comparer) compare(ctx context.Context, t Table) (Result, error) {
	total := Side.total
	if c.alike {
		total = Side.quickTotal
	}
	source, target, err := both(ctx, c, t, total)
	if err != nil {
		return Result{}, err
	}
	r := Result{Table: t.Target.Name, Rows: source.rows, TargetRows: target.rows, Hash: source.hash, Equal: source == target}
	if !r.Equal && t.Own {
		err = c.contained(ctx, t, &r)
	} else if !r.Equal {
		r.Different, r.More, err = c.differences(ctx, t)
	}
	if err != nil {
		return Result{}, err
	}
	// Looked at last: what comes between must not go unnoticed.
	on, under, err := both(ctx, c, t, Side.files)
	if err != nil {
		return Result{}, err
	}
	if on.moved() || under.moved() {
		return Result{Table: t.Target.Name, Moved: true}, nil
	}
	r.File = on.now
	return r, nil
}

// files are a table's file under the snapshot and now.
type files struct{ then, now string }

func (f files) moved() bool { return f.then != f.now }

// files: the column is read under the snapshot, the function looks at what is
// committed.
func (s Side) files(ctx context.Context, conn *pgx.Conn) (f files, err error) {
	err = conn.QueryRow(ctx, filesSQL, s.Name.SQL(), s.Below).Scan(&f.then, &f.now)
	return f, err
}

// File is the one that the table has now, or a digest of those below it; empty: there
// is no such table.
func (s Side) File(ctx context.Context, conn *pgx.Conn) (string, error) {
	f, err := s.files(ctx, conn)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return f.now, err
}

// filesSQL names the table to the server, which says nothing of one that is gone.
const filesSQL = `
with recursive tables(oid) as (
	select pg_catalog.to_regclass($1::text)::oid
	union
	select i.inhrelid from tables t join pg_catalog.pg_inherits i on i.inhparent = t.oid where $2
)
select case when $2 then md5(string_agg(concat(c.oid, '=', c.relfilenode), ' ' order by c.oid)) else min(concat(c.relfilenode)) end,
	case when $2 then md5(string_agg(concat(c.oid, '=', pg_relation_filenode(c.oid)), ' ' order by c.oid)) else min(concat(pg_relation_filenode(c.oid))) end
from tables t join pg_catalog.pg_class c on c.oid = t.oid and c.relkind <> 'p' -- which has no file
having count(*) > 0`

// hashed is the FROM clause that gives each row its key's text k and its own
// digest h, and says where it is. Without a key the digest serves as one: rows are not for printing,
// and a bucket of whole rows may not fit into memory.
//
// The digest is of UTF-8 whatever the encoding of the database: the same text
// has other bytes in LATIN1. In SQL_ASCII nobody knows what they are.
func (s Side) hashed() string {
	digest := "md5(convert_to(" + s.row() + ", " + encoding + "))"
	key := digest
	if len(s.Key) > 0 {
		key = "row(" + strings.Join(s.Key, ", ") + ")::text"
	}
	return fmt.Sprintf("(select %s as k, %s as h, ctid as place %s) as hashed", key, digest, s.from())
}

// row is the text of what is compared of a row.
func (s Side) row() string { return "row(" + strings.Join(s.Values, ", ") + ")::text" }

// from is the clause that has the rows, and no others.
func (s Side) from() string {
	where, only := "", "only "
	if s.Where != "" {
		where = " where (" + s.Where + "\n)"
	}
	if s.Below {
		only = ""
	}
	return "from " + only + s.Name.SQL() + " as " + catalog.RowAlias + where
}

// encoding is that of a digest, found once a query.
const encoding = `(select case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end::name)`

// sums adds the two halves of each digest up: 128 bits of order-free sum.
const sums = `count(*), concat(coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0), ':',
	coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0))`

func (s Side) total(ctx context.Context, conn *pgx.Conn) (all sum, err error) {
	err = conn.QueryRow(ctx, "select "+sums+" from "+s.hashed()).Scan(&all.rows, &all.hash)
	return all, err
}

// quickTotal is total on two servers that hash alike: two hashes of 64 bits for each row.
func (s Side) quickTotal(ctx context.Context, conn *pgx.Conn) (all sum, err error) {
	const sums = `count(*), concat(coalesce(sum(hashtextextended(r, 0)), 0), ':', coalesce(sum(hashtextextended(r, 1)), 0))`
	err = conn.QueryRow(ctx, fmt.Sprintf(`select %s from (select %s collate "C" as r %s) as hashed`, sums, s.row(), s.from())).Scan(&all.rows, &all.hash)
	return all, err
}

// bucketOf cuts the keys into 4,096 parts.
const bucketOf = "('x' || left(md5(convert_to(k, " + encoding + ")), 3))::bit(12)::int"

func (s Side) buckets(ctx context.Context, conn *pgx.Conn) (map[int]sum, error) {
	rows, err := conn.Query(ctx, "select "+bucketOf+", "+sums+" from "+s.hashed()+" group by 1")
	if err != nil {
		return nil, err
	}
	found := map[int]sum{}
	var bucket int
	var all sum
	_, err = pgx.ForEachRow(rows, []any{&bucket, &all.rows, &all.hash}, func() error {
		found[bucket] = all
		return nil
	})
	return found, err
}

// differences finds the rows that differ, some buckets after others, until it has enough.
func (c *comparer) differences(ctx context.Context, t Table) (found []Difference, more bool, err error) {
	source, target, err := both(ctx, c, t, Side.buckets)
	if err != nil {
		return nil, false, err
	}
	var differ []int
	for bucket := range 1 << 12 {
		if source[bucket] != target[bucket] {
			differ = append(differ, bucket)
		}
	}
	for len(differ) > 0 && len(found) <= c.most {
		n, read := 1, source[differ[0]].rows+target[differ[0]].rows
		for ; n < len(differ); n++ {
			if read += source[differ[n]].rows + target[differ[n]].rows; read > atOnce {
				break
			}
		}
		buckets := differ[:n]
		differ = differ[n:]
		rows := func(s Side, ctx context.Context, conn *pgx.Conn) (map[string][]string, error) {
			return s.rows(ctx, conn, buckets)
		}
		s, d, err := both(ctx, c, t, rows)
		if err != nil {
			return nil, false, err
		}
		found = append(found, diff(s, d)...)
	}
	slices.SortFunc(found, func(a, b Difference) int { return strings.Compare(a.Key, b.Key) })
	if len(found) > c.most {
		return found[:c.most], true, nil
	}
	return found, false, nil
}

// atOnce is how many rows' digests are read together, of all buckets but the first: each
// time both tables are read.
const atOnce = 100_000

// rows are the digests of some buckets' rows by key; sorted, since a table without
// key may have several rows that are equal.
func (s Side) rows(ctx context.Context, conn *pgx.Conn, buckets []int) (map[string][]string, error) {
	rows, err := conn.Query(ctx, "select k, h from "+s.hashed()+" where "+bucketOf+" = any($1::int[]) order by k, h", buckets)
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	var k, h string
	_, err = pgx.ForEachRow(rows, []any{&k, &h}, func() error {
		found[k] = append(found[k], h)
		return nil
	})
	return found, err
}

func diff(source, target map[string][]string) (found []Difference) {
	for key, rows := range source {
		switch other, ok := target[key]; {
		case !ok:
			found = append(found, Difference{key, "only on the source"})
		case !slices.Equal(rows, other):
			found = append(found, Difference{key, "different"})
		}
	}
	for key := range target {
		if _, ok := source[key]; !ok {
			found = append(found, Difference{key, "only on the target"})
		}
	}
	return found
}
