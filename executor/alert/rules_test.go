package alert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/executor/progress"
	"sluice/state"
)

// noon is when each test begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is a status some time after the beginning.
func at(after time.Duration, change func(*progress.Status)) progress.Status {
	s := progress.Status{At: noon.Add(after), Phase: string(state.Following), Moved: noon, Stream: &progress.Stream{LagKnown: true}}
	change(&s)
	return s
}

func lag(d time.Duration) func(*progress.Status) {
	return func(s *progress.Status) { s.Stream.Lag = progress.Seconds(d) }
}

func failure(kind progress.FailureKind) func(*progress.Status) {
	return func(s *progress.Status) { s.Failure = &progress.Failure{Kind: kind, Reason: "it broke"} }
}

func failedBefore(over bool) func(*progress.Status) {
	return func(s *progress.Status) {
		s.Before = &progress.Before{Failure: progress.Failure{Kind: progress.FailureOther, Reason: "it broke"}, Over: over}
	}
}

func ruled(alerts ...state.Alert) *rules {
	r := &rules{subject: Subject{Migration: "migration.shop"}}
	r.set(alerts, noon)
	return r
}

// told are messages as "firing lag 12:00:05".
func told(messages []message) string {
	var words []string
	for _, m := range messages {
		kind := map[kind]string{firing: "firing", refresh: "refresh", resolved: "resolved", trial: "test"}[m.kind]
		words = append(words, fmt.Sprintf("%s %s since %s", kind, m.alert.Name, m.startsAt.Format(time.TimeOnly)))
	}
	return strings.Join(words, ", ")
}

func TestRules(t *testing.T) {
	t.Parallel()
	type look struct {
		after  time.Duration
		status func(*progress.Status)
		want   string
	}
	behind, near := lag(2*time.Minute), lag(time.Minute)
	for name, test := range map[string]struct {
		alert state.Alert
		looks []look
	}{
		"fires above the limit and not at it": {state.Alert{Name: "a", On: "lag", Over: time.Minute}, []look{
			{0, near, ""}, {1 * time.Second, behind, "firing a since 12:00:01"}, {2 * time.Second, behind, ""}, {3 * time.Second, near, "resolved a since 12:00:01"}, {4 * time.Second, near, ""},
		}},
		"waits for as long as it must last, anew each time": {state.Alert{Name: "a", On: "lag", Over: time.Minute, For: 10 * time.Second}, []look{
			{0, behind, ""}, {9 * time.Second, behind, ""}, {9500 * time.Millisecond, near, ""}, {10 * time.Second, behind, ""}, {19 * time.Second, behind, ""}, {20 * time.Second, behind, "firing a since 12:00:20"},
		}},
		"repeats, and refreshes in between": {state.Alert{Name: "a", On: "lag", Repeat: 90 * time.Second}, []look{
			{0, behind, "firing a since 12:00:00"}, {59 * time.Second, behind, ""}, {60 * time.Second, behind, "refresh a since 12:00:00"},
			{90 * time.Second, behind, "firing a since 12:00:00"}, {149 * time.Second, behind, ""}, {150 * time.Second, behind, "refresh a since 12:00:00"}, {180 * time.Second, behind, "firing a since 12:00:00"},
		}},
		"repeats never": {state.Alert{Name: "a", On: "lag"}, []look{
			{0, behind, "firing a since 12:00:00"}, {240 * time.Hour, behind, "refresh a since 12:00:00"},
		}},
		"stays as it is when the run fails": {state.Alert{Name: "a", On: "lag"}, []look{
			{0, behind, "firing a since 12:00:00"},
			{time.Second, func(s *progress.Status) { failure(progress.FailureOther)(s); s.Phase = string(state.Failed) }, ""},
		}},
		"is resolved when the migration is at its end": {state.Alert{Name: "a", On: "wal"}, []look{
			{0, func(s *progress.Status) { s.Stream.RetainedBytes = 1 }, "firing a since 12:00:00"},
			{time.Second, func(s *progress.Status) { s.Stream.RetainedBytes = 1; s.Phase = string(state.CutOver) }, "resolved a since 12:00:00"},
		}},
		"a failure of the run before is no news, its end is": {state.Alert{Name: "a", On: "failure"}, []look{
			{0, failedBefore(false), ""}, {time.Second, failedBefore(false), ""}, {2 * time.Second, failedBefore(true), "resolved a since 12:00:00"}, {3 * time.Second, failedBefore(true), ""},
		}},
		"also when it is known late": {state.Alert{Name: "a", On: "failure"}, []look{
			{0, near, ""}, {time.Second, failedBefore(false), ""}, {2 * time.Second, failedBefore(true), "resolved a since 12:00:01"},
		}},
		"also when it is over at the first look": {state.Alert{Name: "a", On: "failure"}, []look{
			{0, failedBefore(true), "resolved a since 12:00:00"}, {time.Second, failedBefore(true), ""},
		}},
		"and only of what it was": {state.Alert{Name: "a", On: "ddl"}, []look{
			{0, failedBefore(true), ""}, {time.Second, failedBefore(true), ""},
		}},
		"another failure is news": {state.Alert{Name: "a", On: "failure"}, []look{
			{0, failedBefore(false), ""}, {time.Second, failure(progress.FailureOther), "firing a since 12:00:01"},
		}},
		"ready is over with a failure": {state.Alert{Name: "a", On: "ready", Over: time.Second}, []look{
			{0, lag(2 * time.Second), ""}, {time.Second, lag(time.Second), "firing a since 12:00:01"}, {2 * time.Second, failure(progress.FailureOther), "resolved a since 12:00:01"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ruled(test.alert)
			for _, l := range test.looks {
				if got := told(r.look(at(l.after, l.status))); got != l.want {
					t.Errorf("after %s: %q, want %q", l.after, got, l.want)
				}
			}
		})
	}
}

// Each condition holds for what it is about and for nothing else.
func TestConditions(t *testing.T) {
	t.Parallel()
	quiet := func(*progress.Status) {}
	limits := state.Alert{Over: time.Minute, OverBytes: 1 << 20}
	for name, test := range map[string]struct {
		status func(*progress.Status)
		want   string // the conditions that hold, and what they say
	}{
		"following":  {quiet, "ready: the changes are followed, and no difference is known"},
		"an error":   {failure(progress.FailureOther), "failure: it broke"},
		"drift":      {failure(progress.FailureDrift), "ddl: it broke; failure: it broke"},
		"divergence": {failure(progress.FailureDivergence), "divergence: it broke; failure: it broke"},
		"quarantine": {func(s *progress.Status) {
			s.Quarantined = []progress.Quarantined{{Schema: "public", Table: "t", LSN: 0x1000, Reason: "no room"}}
		}, "divergence: public.t is in quarantine from 0/1000 on: no room"},
		"paused": {func(s *progress.Status) {
			s.Quarantined = []progress.Quarantined{
				{Schema: "public", Table: "t", LSN: 0x1000, Reason: "no room"}, {Schema: "public", Table: "u", LSN: 0x2000, Paused: true, Reason: "x is new"}}
		}, "ddl: public.u is paused, and what it needs is kept from 0/2000 on: x is new; divergence: public.t is in quarantine from 0/1000 on: no room"},
		"quarantine, and an end": {func(s *progress.Status) {
			failure(progress.FailureOther)(s)
			s.Quarantined = []progress.Quarantined{{Schema: "public", Table: "t", LSN: 0x1000, Reason: "no room"}}
		}, "divergence: public.t is in quarantine from 0/1000 on: no room; failure: it broke"},
		"lag": {func(s *progress.Status) { s.Stream.Lag, s.Stream.LagBytes = progress.Seconds(3*time.Minute), 3<<20 },
			"lag: 3m0s behind, 3.0 MiB of WAL"},
		"lag while it catches up": {func(s *progress.Status) {
			s.Phase, s.Stream.Lag = string(state.CatchingUp), progress.Seconds(time.Hour)
		}, ""},
		"lag that is not known": {func(s *progress.Status) { s.Stream.LagKnown = false }, ""},
		"the spool fills up": {func(s *progress.Status) {
			s.Stream.Spool = &progress.Spool{Bytes: 9 << 20, MaxBytes: 10 << 20, Filling: true}
		}, "ready: the changes are followed, and no difference is known; spool: 9.0 MiB of 10 MiB are used"},
		"the spool is full": {func(s *progress.Status) {
			s.Stream.Spool = &progress.Spool{Bytes: 9 << 20, MaxBytes: 10 << 20, Filling: true, Full: "no space"}
		}, "ready: the changes are followed, and no difference is known; spool: 9.0 MiB of 10 MiB are used; it is full, and the source keeps its WAL: no space"},
		"the spool has room": {func(s *progress.Status) { s.Stream.Spool = &progress.Spool{Bytes: 1 << 20, MaxBytes: 10 << 20} },
			"ready: the changes are followed, and no difference is known"},
		"wal": {func(s *progress.Status) { s.Stream.RetainedBytes = 2 << 20 },
			"ready: the changes are followed, and no difference is known; wal: 2.0 MiB are kept"},
		"retrying": {func(s *progress.Status) {
			s.At = noon.Add(2 * time.Minute)
			s.Stream.Drained = true
			s.Retrying = &progress.Retrying{Since: noon, Until: noon.Add(time.Hour), Reason: "connection refused"}
		}, "ready: the changes are followed, and no difference is known; retrying: since 2026-03-01 12:00:00 UTC, until 2026-03-01 13:00:00 UTC: connection refused"},
		"the load": {func(s *progress.Status) {
			s.Phase, s.Stream = string(state.FullLoad), nil
			s.Load = progress.Load{Tables: 3, TablesDone: 1, Elapsed: progress.Seconds(61 * time.Second)}
		}, "full_load_time: 1 of 3 tables are done after 1m1s"},
		"a load that is done": {func(s *progress.Status) {
			s.Phase, s.Stream = string(state.Indexes), nil
			s.Load = progress.Load{Tables: 3, TablesDone: 3, Elapsed: progress.Seconds(61 * time.Second)}
		}, ""},
		"nothing moves": {func(s *progress.Status) {
			s.At, s.Phase, s.Waiting, s.Stream = noon.Add(2*time.Minute), string(state.FullLoad), "slot: pid 4711", nil
		}, "no_progress: nothing since 2026-03-01 12:00:00 UTC; waiting: slot: pid 4711"},
		"nothing moves since there is nothing to do": {func(s *progress.Status) {
			s.At, s.Stream.Drained, s.Phase = noon.Add(2*time.Minute), true, string(state.CatchingUp)
		}, ""},
		"different": {func(s *progress.Status) {
			for i := range 7 {
				s.Different = append(s.Different, progress.Difference{Schema: "public", Table: fmt.Sprint("t", i), Detail: "2 rows"})
			}
		}, "verify: public.t0: 2 rows\npublic.t1: 2 rows\npublic.t2: 2 rows\npublic.t3: 2 rows\npublic.t4: 2 rows\nand 2 more tables"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hold []string
			for _, word := range Words() {
				if detail, holds := conditions[word].holds(at(0, test.status), limits); holds {
					hold = append(hold, word+": "+detail)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(hold, "; ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOtherAlertsTakeTheirPlace(t *testing.T) {
	t.Parallel()
	behind := lag(2 * time.Minute)
	a := state.Alert{Name: "a", On: "lag", Over: time.Minute, Webhook: "pager"}
	for name, test := range map[string]struct {
		next state.Alert
		set  string
		look string
	}{
		"another limit, still exceeded":   {state.Alert{Name: "a", On: "lag", Over: 90 * time.Second, Webhook: "pager"}, "", ""},
		"another limit, not exceeded":     {state.Alert{Name: "a", On: "lag", Over: time.Hour, Webhook: "pager"}, "", "resolved a since 12:00:00"},
		"longer: it fires all the same":   {state.Alert{Name: "a", On: "lag", Over: time.Minute, For: time.Hour, Webhook: "pager"}, "", ""},
		"another receiver":                {state.Alert{Name: "a", On: "lag", Over: time.Minute, Slack: "room"}, "resolved a since 12:00:00", "firing a since 12:00:02"},
		"about something else":            {state.Alert{Name: "a", On: "wal", Webhook: "pager"}, "resolved a since 12:00:00", ""},
		"another one, and none of it":     {state.Alert{Name: "b", On: "wal", Webhook: "pager"}, "resolved a since 12:00:00", ""},
		"another one, about the same lag": {state.Alert{Name: "b", On: "lag", Webhook: "pager"}, "resolved a since 12:00:00", "firing b since 12:00:02"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ruled(a)
			r.look(at(0, behind))
			if got := told(r.set([]state.Alert{test.next}, noon.Add(time.Second))); got != test.set {
				t.Errorf("set: %q, want %q", got, test.set)
			}
			if got := told(r.look(at(2*time.Second, behind))); got != test.look {
				t.Errorf("look: %q, want %q", got, test.look)
			}
		})
	}
}
