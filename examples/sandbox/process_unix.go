//go:build unix && !linux

package sandbox

import "syscall"

// sysProcAttr: a group (or, to outlive us, a session) of its own, so that Ctrl-C in the terminal is ours to handle,
// and the account to run as. There is no parent-death signal here.
func sysProcAttr(a *account, keep bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential(), Setsid: keep, Setpgid: !keep}
}
