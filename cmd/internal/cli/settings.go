package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/executor"
)

// answerLimit is how long a running process may take to change its settings: it
// looks every second.
const answerLimit = 30 * time.Second

// adjust has the process that runs a migration take the settings that changed.
func (p *applying) adjust(ctx context.Context, j job) int {
	err := p.askToAdjust(ctx, j)
	if err != nil {
		return p.reportFailure(j.plan.Migration, err)
	}
	for _, s := range j.plan.Settings {
		fmt.Fprintf(p.err, "%s: changed in the process that runs: %s\n", j.plan.Migration, s)
	}
	return exitDone
}

func (p *applying) askToAdjust(ctx context.Context, j job) error {
	payload, err := json.Marshal(settings(j.migration))
	if err != nil {
		return err
	}
	errSilent := fmt.Errorf("the process that ran has not answered for %s, and its settings are as they were: sluice status says whether it is there", answerLimit)
	limited, cancel := context.WithTimeoutCause(ctx, answerLimit, errSilent)
	defer cancel()
	_, err = p.ask(limited, j, executor.RequestSettings, payload, func(string) {})
	if errors.Is(context.Cause(limited), errSilent) {
		return errors.Join(errSilent, err)
	}
	return err
}
