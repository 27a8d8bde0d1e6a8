package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupt turns Ctrl-C and SIGTERM into an end. A command that keeps records
// is asked first to finish the unit in hand; the second signal, or the first of
// any other command, ends its context. A third one ends the process.
type interrupt struct {
	mu       sync.Mutex
	received os.Signal // the first
	cancel   context.CancelFunc
}

// now returns a context that ends with the first signal.
func (i *interrupt) now(ctx context.Context) context.Context {
	ctx, _ = i.listen(ctx, false)
	return ctx
}

// gracefully returns a channel that is closed by the first signal, and a
// context that ends with the second. A context of now ends here.
func (i *interrupt) gracefully(ctx context.Context) (context.Context, <-chan struct{}) {
	return i.listen(ctx, true)
}

func (i *interrupt) listen(ctx context.Context, graceful bool) (context.Context, <-chan struct{}) {
	i.end()
	ctx, cancel := context.WithCancel(ctx)
	i.cancel = cancel
	stop := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for _, last := range []bool{!graceful, true} {
			select {
			case s := <-signals:
				i.note(s)
			case <-ctx.Done():
				return
			}
			if last {
				cancel()
				return
			}
			close(stop)
		}
	}()
	return ctx, stop
}

func (i *interrupt) note(s os.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.received == nil {
		i.received = s
	}
}

// code is the exit code of a command that a signal has ended, as shells have
// it: 128 and the signal. 0: there was none.
func (i *interrupt) code() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s, ok := i.received.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 0
}

// end stops listening.
func (i *interrupt) end() {
	if i.cancel != nil {
		i.cancel()
	}
}
