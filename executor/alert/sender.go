package alert

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sluice/state"
)

const (
	// sendLimit bounds one attempt: a receiver that takes longer is as good as away.
	sendLimit = 10 * time.Second
	// Between attempts the pause doubles. What did not arrive within giveUp is old.
	firstPause = time.Second
	lastPause  = time.Minute
	giveUp     = 15 * time.Minute
	// queued is how many messages wait for one receiver.
	queued = 32
)

// sender brings messages to receivers, each at its own pace. send and close have
// one caller.
type sender struct {
	receivers func(state.Alert) []receiver
	log       *slog.Logger
	say       func(string) // what did not arrive, for people
	ctx       context.Context
	cancel    context.CancelFunc
	queues    map[string]chan parcel // by alert and receiver
	workers   sync.WaitGroup
}

// parcel is a message for one receiver.
type parcel struct {
	to      receiver
	message message
}

func newSender(ctx context.Context, receivers func(state.Alert) []receiver, log *slog.Logger, say func(string)) *sender {
	s := &sender{receivers: receivers, log: log, say: say, queues: map[string]chan parcel{}}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// send puts a message into the queues of its receivers. It never waits: from a
// full queue the oldest message is dropped.
func (s *sender) send(m message) {
	for _, to := range s.receivers(m.alert) {
		if m.kind == refresh && !to.keeps {
			continue
		}
		queue, p := s.queue(m.alert.Name+" "+to.name), parcel{to, m}
		for sent := false; !sent; {
			select {
			case queue <- p:
				sent = true
			default:
				select {
				case old := <-queue:
					s.lost(old, fmt.Errorf("more than %d messages wait for it", queued))
				default: // its worker was faster
				}
			}
		}
	}
}

func (s *sender) queue(key string) chan parcel {
	queue, found := s.queues[key]
	if !found {
		queue = make(chan parcel, queued)
		s.queues[key] = queue
		s.workers.Go(func() {
			for p := range queue {
				s.deliver(p)
			}
		})
	}
	return queue
}

// deliver tries until the message has arrived, or is refused, or is old.
func (s *sender) deliver(p parcel) {
	began, pause := time.Now(), firstPause
	for {
		err := attempt(s.ctx, p.to, p.message)
		if err == nil {
			return
		}
		if refused(err) || s.ctx.Err() != nil || time.Since(began)+pause > giveUp {
			s.lost(p, err)
			return
		}
		s.log.Info("an alert is sent again", "alert", p.message.alert.Name, "receiver", p.to.name, "error", err, "pause", pause)
		select {
		case <-time.After(pause):
		case <-s.ctx.Done():
		}
		pause = min(2*pause, lastPause)
	}
}

func attempt(ctx context.Context, to receiver, m message) error {
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	return to.send(ctx, m)
}

// lost says that a message did not arrive. After a refresh comes another one.
func (s *sender) lost(p parcel, err error) {
	if p.message.kind == refresh {
		return
	}
	s.say(fmt.Sprintf("alert %q did not reach %s: %v", p.message.alert.Name, p.to.name, err))
}

// close waits until everything has arrived, or the limit is over.
func (s *sender) close(limit time.Duration) {
	for _, queue := range s.queues {
		close(queue)
	}
	timer := time.AfterFunc(limit, s.cancel)
	defer timer.Stop()
	defer s.cancel()
	s.workers.Wait()
}
