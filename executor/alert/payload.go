package alert

import (
	"fmt"
	"strings"
	"time"
)

// webhook is the payload of Alertmanager's webhooks, version 4: what receives
// those receives ours. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
type webhook struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	TruncatedAlerts   int               `json:"truncatedAlerts"`
	Status            string            `json:"status"`
	Receiver          string            `json:"receiver"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []webhookAlert    `json:"alerts"`
}

type webhookAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // zero while it fires
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

func (m message) webhook() webhook {
	labels, annotations := m.labels(), m.annotations()
	one := webhookAlert{
		Status: m.status(), Labels: labels, Annotations: annotations,
		StartsAt: m.startsAt.UTC(), Fingerprint: fingerprint(labels),
	}
	if m.kind == resolved {
		one.EndsAt = m.at.UTC()
	}
	return webhook{
		Version: "4", Status: m.status(), Receiver: m.alert.Name,
		GroupKey:    fmt.Sprintf("{}:{alertname=%q, migration=%q}", m.alert.Name, m.Migration),
		GroupLabels: map[string]string{"alertname": m.alert.Name, "migration": m.Migration}, CommonLabels: labels, CommonAnnotations: annotations,
		Alerts: []webhookAlert{one},
	}
}

// postable is an alert as Alertmanager's API v2 takes it, in a list.
// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
type postable struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

func (m message) alertmanager() []postable {
	p := postable{Labels: m.labels(), Annotations: m.annotations(), StartsAt: m.startsAt.UTC(), EndsAt: m.at.UTC()}
	if m.kind != resolved {
		p.EndsAt = p.EndsAt.Add(refreshLast)
	}
	return []postable{p}
}

// slack is the payload of an incoming webhook. Three characters are Slack's own.
// https://docs.slack.dev/messaging/formatting-message-text
func (m message) slack() map[string]string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(m.summary() + "\n" + m.detail)
	return map[string]string{"text": "[" + strings.ToUpper(m.status()) + "] " + text}
}
