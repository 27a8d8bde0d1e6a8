package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Backup is what a server was at some time.
type Backup struct {
	server *Server
	dir    string
}

// Backup shuts the server down, copies all that it has, its replication slots too, and starts it again.
func (s *Server) Backup(ctx context.Context) (*Backup, error) {
	b := &Backup{s, filepath.Join(s.dir, "backup")}
	if err := s.stopped(ctx, func() error { return s.copy(ctx, s.data(), b.dir) }); err != nil {
		return nil, fmt.Errorf("copying the server in %s: %w", s.dir, err)
	}
	return b, nil
}

// Promote makes the server what it was, from then on in a timeline of its own: as after a failover to a standby that
// had come that far and has the slots. It can be done once, and needs PostgreSQL 12.
func (b *Backup) Promote(ctx context.Context) error {
	s := b.server
	err := s.stopped(ctx, func() error {
		return errors.Join(os.RemoveAll(s.data()), os.Rename(b.dir, s.data()),
			appendTo(filepath.Join(s.data(), "postgresql.conf"), "restore_command = 'false'\n"), // there is no more WAL
			os.WriteFile(filepath.Join(s.data(), "recovery.signal"), nil, 0o600))
	})
	if err != nil {
		return fmt.Errorf("promoting the copy of the server in %s: %w", s.dir, err)
	}
	return nil
}

// stopped does something while the server is shut down.
func (s *Server) stopped(ctx context.Context, do func() error) error {
	s.mu.Lock()
	err := s.shutDown(Fast)
	if err == nil {
		err = do()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.Restart(ctx, Fast)
}

// copy copies a directory as whom the server runs as.
func (s *Server) copy(ctx context.Context, from, to string) error {
	cmd := exec.CommandContext(ctx, "cp", "-a", from, to)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.dir, environment(), sysProcAttr(s.account, false)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
