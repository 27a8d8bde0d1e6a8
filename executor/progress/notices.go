package progress

import "time"

// keptNotices is how many notices a reader may be behind. More than that in the
// second between two frames nobody reads.
const keptNotices = 500

// notices is a ring of the last lines for people; they are numbered from 0.
type notices struct {
	lines []string // line n is at n % keptNotices
	next  int
}

func (n *notices) add(line string) {
	if len(n.lines) < keptNotices {
		n.lines = append(n.lines, line)
	} else {
		n.lines[n.next%keptNotices] = line
	}
	n.next++
}

// Notice adds a line for people.
func (t *Tracker) Notice(text string) {
	t.update(func(time.Time) { t.notices.add(text) })
}

// Notices returns the lines from number after on, and the number to ask with
// next time. It begins at 0. Lines that have left the ring are missing.
func (t *Tracker) Notices(after int) (lines []string, next int) {
	t.update(func(time.Time) {
		next = t.notices.next
		for n := max(after, next-keptNotices); n < next; n++ {
			lines = append(lines, t.notices.lines[n%keptNotices])
		}
	})
	return lines, next
}
