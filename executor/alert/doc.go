// Package alert tells people of what a run's Status says.
//
//	Status ──rules.look──▶ messages ──sender──▶ a queue for each receiver ──▶ webhook, Alertmanager,
//	(each second)          fire, repeat,        (bounded: the oldest         Slack, mail, command
//	                       resolve              goes first)
//
// The Status is all that it knows, and the run knows nothing of it: a receiver
// that is slow, or away, holds up nobody. A message is tried again for a while,
// and then given up with a notice.
//
//	        holds, for "for"            every "repeat"
//	quiet ───────────────────▶ firing ◀──┐
//	  ▲                          │ │     │
//	  └──────────────────────────┘ └─────┘
//	     holds no more: resolved
//
// What fires is remembered by the process. A run that goes on where another has
// failed knows of the failure from the state: it does not tell it again, and
// tells that it is resolved once it has got further.
//
// Settings come from a row of the target, which others may be able to write. So
// a running process takes new ones only as far as they name secrets that its own
// configuration has, commands that it was started with, and mail servers that it
// was started with: Alerts.Adjust.
//
// Addresses and passwords are secrets. They are read when a message is sent, and
// no error has one: what net and net/http say is not passed on, since it quotes
// addresses.
package alert
