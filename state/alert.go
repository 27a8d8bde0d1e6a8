package state

import "time"

// Alert says when somebody is told of a migration, and by which receivers. As
// all settings it lies in a row of the target, so it holds no secret: of those
// it has the names that the configuration gives them.
type Alert struct {
	Name      string        `json:"name"`
	On        string        `json:"on"`                   // a word of executor/alert
	Over      time.Duration `json:"over,omitempty"`       // ns; the limit, where it is a duration
	OverBytes int64         `json:"over_bytes,omitempty"` // the limit, where it is a size
	For       time.Duration `json:"for,omitempty"`        // ns; how long it must last
	Repeat    time.Duration `json:"repeat,omitempty"`     // ns; 0: it is told once

	Webhook      string   `json:"webhook,omitempty"`      // the secret that is its address
	Alertmanager string   `json:"alertmanager,omitempty"` // the same
	Slack        string   `json:"slack,omitempty"`        // the same
	Exec         []string `json:"exec,omitempty"`         // a command and its arguments
	Email        *Email   `json:"email,omitempty"`
}

// Email is how mail is sent.
type Email struct {
	Host     string   `json:"host"` // host:port
	From     string   `json:"from"`
	To       []string `json:"to"`
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"` // the secret's name
}
