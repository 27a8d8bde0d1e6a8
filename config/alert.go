package config

import (
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Alert is one alert block. It has at least one receiver.
type Alert struct {
	Name      string
	On        string
	Over      time.Duration // the limit of retrying, lag, full_load_time, no_progress
	OverBytes Bytes         // the limit of wal
	For       time.Duration
	Repeat    time.Duration // 0: never

	Webhook, Alertmanager, Slack *Secret // addresses
	Exec                         []string
	Email                        *Email
}

// Email is where mail goes, and how.
type Email struct {
	Host     string // host:port
	From     string
	To       []string
	User     string // empty: without login
	Password *Secret
}

// What "over" is where the file does not say it; what is in neither has no limit.
var (
	overTimes = map[string]time.Duration{"retrying": time.Minute, "lag": time.Minute, "full_load_time": 24 * time.Hour, "no_progress": 10 * time.Minute}
	overBytes = map[string]Bytes{"wal": 10 << 30}
)

// alerts reads the alert blocks, and compares what each says.
func (l *loader) alerts(migration *block, stages Stages) (list []Alert) {
	for _, b := range migration.children("alert") {
		a := Alert{
			Name: b.label(0), On: get[string](b, "on"),
			For: get[time.Duration](b, "for"), Repeat: get[time.Duration](b, "repeat"),
			Webhook: l.secret(b, "webhook"), Alertmanager: l.secret(b, "alertmanager"), Slack: l.secret(b, "slack"),
			Exec: get[[]string](b, "exec"),
		}
		l.limit(b, &a)
		if mails := b.children("email"); len(mails) > 0 {
			a.Email = l.email(mails[0])
		}
		l.checkReceivers(b, a)
		l.checkStage(b, a.On, stages)
		list = append(list, a)
	}
	return list
}

// limit reads over, whose kind goes by what the alert is about, and for.
func (l *loader) limit(b *block, a *Alert) {
	a.Over, a.OverBytes = overTimes[a.On], overBytes[a.On]
	if b.has("for") && slices.Contains([]string{"failure", "ddl", "divergence"}, a.On) {
		l.report.error(b.args["for"].nameRange, "Nothing to wait for", fmt.Sprintf(
			"An alert on %q comes as the run ends, so that it cannot last for some time before. Remove \"for\".", a.On))
	}
	over := b.args["over"]
	limit, isTime := over.val.(time.Duration)
	size, isSize := over.val.(Bytes)
	switch {
	case over.val == nil || a.On == "": // not given, or reported already
	case isTime && a.Over > 0:
		a.Over = limit
	case isSize && a.OverBytes > 0:
		a.OverBytes = size
	case a.Over > 0:
		l.report.error(over.rng, "Limit of the wrong kind", fmt.Sprintf("The limit of an alert on %q is a duration, such as \"60s\".", a.On))
	case a.OverBytes > 0:
		l.report.error(over.rng, "Limit of the wrong kind", fmt.Sprintf("The limit of an alert on %q is a size, such as \"50GiB\".", a.On))
	default:
		l.report.error(over.nameRange, "No limit here", fmt.Sprintf("An alert on %q has no limit: it is so, or it is not. Remove \"over\".", a.On))
	}
}

// checkReceivers demands one at least; one that is wrong is reported already.
func (l *loader) checkReceivers(b *block, a Alert) {
	if len(a.Exec) > 0 && a.Exec[0] == "" {
		l.report.error(b.args["exec"].rng, "Value not allowed", `"exec": the first element is the command, and cannot be empty.`)
	}
	given := slices.ContainsFunc([]string{"webhook", "alertmanager", "slack", "exec"}, b.has)
	if !given && len(b.children("email")) == 0 {
		l.report.error(b.rng, "Alert without receiver",
			"Nobody would be told. Give one or more of webhook, alertmanager, slack, exec, and the block email.")
	}
}

// checkStage refuses an alert that could never come.
func (l *loader) checkStage(b *block, on string, stages Stages) {
	needs := map[string]string{
		"lag": "incremental", "wal": "incremental", "divergence": "incremental", "verify": "incremental", "ready": "incremental",
		"full_load_time": "full",
	}[on]
	if needs == "incremental" && !stages.Incremental || needs == "full" && !stages.Full {
		l.report.error(b.args["on"].rng, "Alert that would never come", fmt.Sprintf(
			"An alert on %q is about the stage %q, which this migration has not.", on, needs))
	}
}

func (l *loader) email(b *block) *Email {
	e := &Email{
		Host: get[string](b, "host"), From: get[string](b, "from"), To: get[[]string](b, "to"),
		User: get[string](b, "user"), Password: l.secret(b, "password"),
	}
	if e.Host != "" {
		e.Host = l.mailServer(b, e.Host)
	}
	if from, given := b.args["from"]; given && from.val != nil {
		l.checkMail(b, "from", e.From)
	}
	for _, to := range e.To {
		l.checkMail(b, "to", to)
	}
	for _, pair := range [][2]string{{"user", "password"}, {"password", "user"}} {
		if b.has(pair[0]) && !b.has(pair[1]) {
			l.report.error(b.args[pair[0]].nameRange, "Half of a login", fmt.Sprintf("%s is of use only together with %s.", pair[0], pair[1]))
		}
	}
	return e
}

func (l *loader) mailServer(b *block, text string) string {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = text, "587"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, "/@ ") {
		l.report.error(b.args["host"].rng, "Not a mail server", fmt.Sprintf("%q is neither a host nor host:port.", text))
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

func (l *loader) checkMail(b *block, name, text string) {
	if _, err := mail.ParseAddress(text); err != nil {
		l.report.error(b.args[name].rng, "Not an address", fmt.Sprintf("%q is no address of mail, such as \"ops@example.com\".", text))
	}
}
