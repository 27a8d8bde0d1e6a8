package alert

import (
	"reflect"
	"time"

	"sluice/executor/progress"
	"sluice/state"
)

// refreshEvery is how often Alertmanager hears of what fires: it takes an alert
// for resolved once its endsAt is over, which is refreshLast later. Both as in
// Prometheus.
const (
	refreshEvery = time.Minute
	refreshLast  = 4 * refreshEvery
)

// rules make messages of one Status after the other. They read no clock: the
// time is the Status's own.
type rules struct {
	subject Subject
	list    []*rule
	begun   bool // what the run before has told of its end is taken over
}

// rule is an alert with what is known of it.
type rule struct {
	alert  state.Alert
	since  time.Time // its condition holds; zero: it does not
	firing time.Time // somebody was told, or has been by another run; zero: nobody
	told   time.Time // the last message but refreshes
	sent   time.Time // the last message
	before bool      // it fires for the run before, which has told it
	detail string
}

// set takes other alerts into use. One that is about the same, by the same
// receivers, goes on where it is; one that fires and is dropped is resolved.
func (r *rules) set(alerts []state.Alert, now time.Time) (messages []message) {
	old := map[string]*rule{}
	for _, one := range r.list {
		old[one.alert.Name] = one
	}
	r.list = nil
	for _, a := range alerts {
		next := &rule{}
		if was := old[a.Name]; was != nil && same(was.alert, a) {
			next = was
			delete(old, a.Name)
		}
		next.alert = a
		r.list = append(r.list, next)
	}
	for _, one := range old {
		if !one.firing.IsZero() {
			messages = append(messages, r.message(one, resolved, now))
		}
	}
	return messages
}

// same says that two alerts differ in numbers alone.
func same(a, b state.Alert) bool {
	a.Over, a.OverBytes, a.For, a.Repeat = b.Over, b.OverBytes, b.For, b.Repeat
	return reflect.DeepEqual(a, b)
}

// look says what is to be told, now that this is how the run stands.
func (r *rules) look(s progress.Status) (messages []message) {
	if !r.begun && s.Before != nil {
		r.begin(s)
		r.begun = true
	}
	ended := s.Failure != nil
	for _, one := range r.list {
		word := one.alert.On
		if ended && !ofFailure(word) && word != "ready" {
			continue // nobody looks any more: it stays as it was
		}
		detail, holds := conditions[word].holds(s, one.alert)
		holds = holds && !over(s)
		one.note(s, detail, holds)
		if k, due := one.due(s.At, holds); due {
			messages = append(messages, r.message(one, k, s.At))
			one.sending(k, s.At)
		}
	}
	return messages
}

// begin takes over what the run before has told of its end.
func (r *rules) begin(s progress.Status) {
	then := progress.Status{Failure: &s.Before.Failure}
	for _, one := range r.list {
		if detail, held := conditions[one.alert.On].holds(then, one.alert); held && ofFailure(one.alert.On) {
			*one = rule{alert: one.alert, since: s.At, firing: s.At, told: s.At, sent: s.At, before: true, detail: detail}
		}
	}
}

// note takes in whether the condition holds.
func (r *rule) note(s progress.Status, detail string, holds bool) {
	if !holds {
		r.since = time.Time{}
		return
	}
	r.detail = detail
	if r.since.IsZero() {
		r.since = s.At
	}
	if r.before && s.Failure != nil { // it has failed again, and that is news
		r.firing, r.before = time.Time{}, false
	}
}

// due says which message it is time for.
func (r *rule) due(now time.Time, holds bool) (_ kind, due bool) {
	fires := !r.firing.IsZero()
	switch {
	case !holds:
		return resolved, fires
	case !fires:
		return firing, now.Sub(r.since) >= r.alert.For
	case r.alert.Repeat > 0 && now.Sub(r.told) >= r.alert.Repeat:
		return firing, true
	}
	return refresh, now.Sub(r.sent) >= refreshEvery
}

// sending notes that a message goes out.
func (r *rule) sending(k kind, now time.Time) {
	r.sent = now
	switch k {
	case firing:
		if r.firing.IsZero() {
			r.firing = now
		}
		r.told = now
	case resolved:
		*r = rule{alert: r.alert}
	case refresh:
	}
}

func (r *rules) message(one *rule, k kind, now time.Time) message {
	m := message{
		Subject: r.subject, alert: one.alert, kind: k, detail: one.detail,
		startsAt: one.firing, at: now,
	}
	if one.firing.IsZero() {
		m.startsAt = now
	}
	return m
}
