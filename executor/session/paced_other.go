//go:build !linux

package session

import "github.com/jackc/pgx/v5/pgconn"

// pacing leaves it to the system when we are woken.
func pacing(dial pgconn.DialFunc) pgconn.DialFunc { return dial }
