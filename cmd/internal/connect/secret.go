package connect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"sluice/config"
)

// secretTimeout bounds the command that prints a secret: it may ask a service,
// but nobody is there to answer a question.
const secretTimeout = 30 * time.Second

// secretError says that a secret cannot be read. It has the secret's name and
// place, and nothing that was read there.
type secretError struct {
	name string
	err  error
}

func (e *secretError) Error() string { return "secret." + e.name + ": " + e.err.Error() }
func (e *secretError) Unwrap() error { return e.err }

// Secret reads a secret where it is kept. Its error has the secret's name and
// place, and nothing that was read there.
func Secret(ctx context.Context, s *config.Secret, o Options) (string, error) {
	value, err := read(ctx, s, o)
	if err == nil && value == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", &secretError{s.Name, err}
	}
	return value, nil
}

func read(ctx context.Context, s *config.Secret, o Options) (string, error) {
	switch {
	case s.Env != "":
		value := o.Environ.lookup(s.Env)
		if value == "" {
			return "", fmt.Errorf("the environment variable %s is not set", s.Env)
		}
		return value, nil
	case s.File != "":
		text, err := os.ReadFile(within(o.Dir, s.File))
		return trim(text), err
	case len(s.Command) > 0:
		return run(ctx, s.Command, o.Dir)
	}
	return "", errors.New("AWS IAM tokens are not carried out yet")
}

// run runs a command, without a shell, for what it prints. What it says beside
// that is not passed on: it may be the secret.
func run(ctx context.Context, command []string, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	text, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("the command %s did not end within %s", command[0], secretTimeout)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("the command %s ended with %s", command[0], exit.ProcessState)
	}
	return trim(text), err
}

// trim removes the newline that editors and echo put at the end.
func trim(text []byte) string {
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
}
