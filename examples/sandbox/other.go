//go:build !unix

package sandbox

import (
	"os"
	"syscall"
)

// Without Unix signals there is no fast shutdown: the package compiles, so that the demo's command does, but
// serverAccount is never asked and installed binaries are not looked for (see places).

func sysProcAttr(*account, bool) *syscall.SysProcAttr { return nil }

func (a *account) traverses(os.FileInfo) bool { return true }
