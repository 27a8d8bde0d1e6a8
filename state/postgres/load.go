package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/state"
)

var (
	//go:embed sql/load_migration.sql
	loadMigrationSQL string
	//go:embed sql/load_chunks.sql
	loadChunksSQL string
	//go:embed sql/load_followed.sql
	loadFollowedSQL string
	//go:embed sql/load_quarantine.sql
	loadQuarantineSQL string
	//go:embed sql/load_certificates.sql
	loadCertificatesSQL string
)

// Load reads the state of one migration, without a lock and without writing
// anything: the zero State where nothing is recorded. It refuses a schema of
// another format.
//
// It reads one snapshot. In a transaction of the caller's it is that
// transaction's, so that must not be read committed.
func Load(ctx context.Context, conn *pgx.Conn, address string) (st state.State, err error) {
	err = reading(ctx, conn, func() error {
		exists, err := recorded(ctx, conn)
		if err != nil || !exists {
			return err
		}
		st, err = load(ctx, conn, address)
		return err
	})
	if err != nil {
		return state.State{}, fmt.Errorf("reading the state of %s: %w", address, err)
	}
	return st, nil
}

// List reads the states of all migrations into this database, by address.
func List(ctx context.Context, conn *pgx.Conn) (states []state.State, err error) {
	err = reading(ctx, conn, func() error {
		exists, err := recorded(ctx, conn)
		if err != nil || !exists {
			return err
		}
		rows, err := conn.Query(ctx, "select address from sluice.migration order by address")
		if err != nil {
			return err
		}
		addresses, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, address := range addresses {
			st, err := load(ctx, conn, address)
			if err != nil {
				return fmt.Errorf("%s: %w", address, err)
			}
			states = append(states, st)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the states in this database: %w", err)
	}
	return states, nil
}

// reading runs f in the caller's transaction, or else in one snapshot.
func reading(ctx context.Context, conn *pgx.Conn, f func() error) error {
	if conn.PgConn().TxStatus() != 'I' {
		return f()
	}
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, conn, snapshot, func(pgx.Tx) error { return f() })
}

func load(ctx context.Context, conn *pgx.Conn, address string) (state.State, error) {
	st, err := loadMigration(ctx, conn, address)
	if errors.Is(err, pgx.ErrNoRows) {
		return state.State{}, nil
	}
	if err != nil {
		return state.State{}, err
	}
	if st.Steps, err = loadSteps(ctx, conn, address); err != nil {
		return state.State{}, fmt.Errorf("steps: %w", err)
	}
	if st.Chunks, err = collect(ctx, conn, scanChunk, loadChunksSQL, address, nil, nil); err != nil {
		return state.State{}, fmt.Errorf("chunks: %w", err)
	}
	if st.Followed, err = collect(ctx, conn, scanFollowed, loadFollowedSQL, address); err != nil {
		return state.State{}, fmt.Errorf("tables that are followed: %w", err)
	}
	if st.Quarantined, err = collect(ctx, conn, scanQuarantined, loadQuarantineSQL, address); err != nil {
		return state.State{}, fmt.Errorf("tables in quarantine: %w", err)
	}
	if st.Certificates, err = collect(ctx, conn, scanCertificate, loadCertificatesSQL, address); err != nil {
		return state.State{}, fmt.Errorf("certificates: %w", err)
	}
	return st, nil
}

// loadMigration reads all that there is once.
func loadMigration(ctx context.Context, conn *pgx.Conn, address string) (st state.State, err error) {
	var at, source, from, to pglogrepl.LSN
	var committed, heartbeat *time.Time
	p := &st.Position
	err = conn.QueryRow(ctx, loadMigrationSQL, address).Scan(
		&st.Address, &st.Lineage, &st.Epoch, &st.Phase, &st.Error, &st.PlanID, &st.Slot,
		&st.Source.SystemIdentifier, &st.Source.Database, &st.Timeline, &st.Target.SystemIdentifier, &st.Target.Database,
		&at, &committed, &p.Inserts, &p.Updates, &p.Deletes, &p.Truncates, &source,
		&st.Lease.Holder, &heartbeat, &st.Lease.Live, &st.Lease.Settings, &st.Lease.Builds,
		&st.Spool.Directory, &st.Spool.Bytes, &st.Spool.MaxBytes, &from, &to, &st.Spool.Full)
	p.LSN, p.SourceLSN = uint64(at), uint64(source)
	st.Spool.From, st.Spool.To = uint64(from), uint64(to)
	p.CommitTime, st.Lease.Heartbeat = utc(committed), utc(heartbeat)
	return st, err
}

func loadSteps(ctx context.Context, conn *pgx.Conn, address string) (map[string]state.Step, error) {
	rows, err := conn.Query(ctx, "select id, state, fingerprint, recorded_at from sluice.step where address = $1::text", address)
	if err != nil {
		return nil, err
	}
	steps := map[string]state.Step{}
	var id string
	var step state.Step
	_, err = pgx.ForEachRow(rows, []any{&id, &step.State, &step.Fingerprint, &step.At}, func() error {
		step.At = step.At.UTC()
		steps[id] = step
		return nil
	})
	return steps, err
}

func loadStep(ctx context.Context, conn *pgx.Conn, address, id string) (step state.Step, err error) {
	const sql = `
		select state, fingerprint, recorded_at from sluice.step
		where address = $1::text and digest = $2::bytea`
	err = conn.QueryRow(ctx, sql, address, digest(id)).Scan(&step.State, &step.Fingerprint, &step.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return state.Step{}, nil
	}
	step.At = step.At.UTC()
	return step, err
}

func scanChunk(row pgx.CollectableRow) (c state.Chunk, err error) {
	err = row.Scan(&c.Schema, &c.Table, &c.Number, &c.Low, &c.High, &c.ByKey, &c.Key, &c.Snapshot,
		&c.Rows, &c.Bytes)
	return c, err
}

func scanFollowed(row pgx.CollectableRow) (f state.Followed, err error) {
	err = row.Scan(&f.Schema, &f.Table, &f.FromSchema, &f.FromTable, &f.Digest, &f.Left)
	return f, err
}

func scanQuarantined(row pgx.CollectableRow) (q state.Quarantined, err error) {
	var at pglogrepl.LSN
	err = row.Scan(&q.Schema, &q.Table, &q.FromSchema, &q.FromTable, &at, &q.Paused, &q.Operation, &q.Key, &q.Reason, &q.Since, &q.Passed)
	q.LSN, q.Since = uint64(at), q.Since.UTC()
	return q, err
}

func scanCertificate(row pgx.CollectableRow) (c state.Certificate, err error) {
	var at pglogrepl.LSN
	err = row.Scan(&c.Schema, &c.Table, &c.Rows, &c.Hash, &at, &c.At, &c.Equal, &c.Detail, &c.File)
	c.LSN, c.At = uint64(at), c.At.UTC()
	return c, err
}

func collect[T any](ctx context.Context, conn *pgx.Conn, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
