package shop

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// errAbandoned: the transaction was rolled back on purpose.
var errAbandoned = errors.New("rolled back on purpose")

// Retriable is true of errors that happen between transactions in any live system: the next transaction may succeed.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func Retriable(err error) bool {
	switch sqlState(err) {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"23505", // unique_violation
		"23503": // foreign_key_violation
		return true
	}
	return false
}

// Refused is true where the server does not take writes, or connections, any more: what a cutover does to an
// application, and what a server's end does.
func Refused(err error) bool {
	switch state := sqlState(err); state {
	case "25006", // read_only_sql_transaction
		"42501", // insufficient_privilege: the fence revoked it
		"P0001", // raise_exception: the fence's trigger
		"55000", // object_not_in_prerequisite_state: the same; or the database takes no connections
		"28000", // invalid_authorization_specification: the role may not log in
		"3D000", // invalid_catalog_name: the database was renamed
		"57P01", // admin_shutdown: also pg_terminate_backend
		"57P02", // crash_shutdown
		"57P03": // cannot_connect_now
		return true
	case "":
	default:
		return state[:2] == "08" // connection_exception
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errClosed)
}

// errClosed: the connection broke, which pgx says in several ways.
var errClosed = errors.New("the connection is closed")

// closed marks an error after which the connection is gone.
func closed(conn *pgx.Conn, err error) error {
	if err == nil || !conn.IsClosed() {
		return err
	}
	return errors.Join(err, errClosed)
}

func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
