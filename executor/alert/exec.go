package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// waitDelay is how long the end of a command that is over time is waited for: a
// child of its own may hold what it was to read.
const waitDelay = time.Second

// run runs a command, without a shell, with the webhook's payload as its standard
// input. What it prints is not passed on: it may have secrets of its own.
func (w Way) run(ctx context.Context, command []string, m message) error {
	text, err := json.Marshal(m.webhook())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = w.Dir, bytes.NewReader(text), waitDelay
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.New("the command did not end in time")
	case errors.As(err, &exit):
		return fmt.Errorf("the command ended with %s", exit.ProcessState)
	}
	return err
}
