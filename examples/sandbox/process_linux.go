package sandbox

import "syscall"

// sysProcAttr: a group of its own, so that Ctrl-C in the terminal is ours to handle and not postgres's; the account
// to run as; and, unless the process is to outlive us, an immediate shutdown when we die.
func sysProcAttr(a *account, keep bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Credential: a.credential()}
	if keep {
		attr.Setsid = true // no hang-up from our terminal either
		return attr
	}
	attr.Setpgid = true
	attr.Pdeathsig = syscall.SIGQUIT
	return attr
}
