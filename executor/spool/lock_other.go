//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package spool

import (
	"errors"
	"os"
)

// lock refuses: without it two processes could write into one spool.
func lock(string) (*os.File, error) {
	return nil, errors.New("a spool needs flock, which this system has not")
}
