package replay

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/stream"
)

// Show is a table of what the source says about the row of a divergence, before and
// after the change as far as that was sent, and of what the target has under its key.
// It holds values: it is for a person who asked for them, and for nothing that keeps
// or sends what it is given. conn has no part in applying: it sees what is committed.
func (d *Divergence) Show(ctx context.Context, conn *pgconn.PgConn) (string, error) {
	var m stream.Message
	if d.relation == nil || m.Decode(d.data) != nil {
		return "", nil // of a truncation there is no row
	}
	r := d.relation
	there, note, err := r.lookUp(ctx, conn, &m)
	if err != nil {
		return "", fmt.Errorf("reading the row of %s on the target: %w", d.Table, err)
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(column, before, after, target string) {
		cells := []string{column}
		if m.HasOld {
			cells = append(cells, before)
		}
		if m.Kind != stream.Delete {
			cells = append(cells, after)
		}
		if there != nil {
			cells = append(cells, target)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	line("column", "source, before", "source, after", "target")
	for i, c := range r.def.Columns {
		before := r.said(i, m.Old)
		if m.OldKey && !c.Key { // NULL stands for it
			before = notSent
		}
		target := ""
		if there != nil {
			target = shown(there[i])
		}
		line(shownText(c.Name), before, r.said(i, m.New), target)
	}
	table.Flush() // into memory: no error
	if note != "" {
		b.WriteString(note + "\n")
	}
	return b.String(), nil
}

// lookUp reads the row of a change. nil: there is none, or it cannot be told, as
// note says.
func (r *relation) lookUp(ctx context.Context, conn *pgconn.PgConn, m *stream.Message) (row [][]byte, note string, err error) {
	if r.full() {
		return nil, "target: the table has no key to find the row by", nil
	}
	for _, i := range r.identity {
		if r.values[i] != nil {
			return nil, "target: its key is computed, and not looked up", nil
		}
	}
	key := m.New
	if m.HasOld {
		key = m.Old
	}
	columns := r.list("")
	if columns == "" {
		columns = "null"
	}
	sql := fmt.Sprintf("select %s from %s where %s limit 2", columns, r.only(), r.where(1))
	result := conn.ExecParams(ctx, sql, r.identify(nil, r.plain(key)), nil, nil, nil).Read()
	switch {
	case result.Err != nil:
		return nil, "", result.Err
	case len(result.Rows) == 0:
		return nil, "target: it has no row of this key", nil
	case len(result.Rows) > 1:
		note = "target: it has other rows of this key"
	}
	return result.Rows[0], note, nil
}

// Words for values that are not there.
const (
	noValue = "NULL"
	notSent = "(not sent)"
	ofValue = "(computed)"
)

// said is what the source says a column holds.
func (r *relation) said(column int, t stream.Tuple) string {
	from := r.announcedOf(column)
	switch {
	case r.values[column] != nil || from < 0:
		return ofValue
	case from >= len(t) || t[from].Kind == stream.Unchanged:
		return notSent
	case t[from].Kind == stream.Null:
		return noValue
	}
	return shownText(string(t[from].Text))
}

// shown is a value of the target; nil is NULL.
func shown(value []byte) string {
	if value == nil {
		return noValue
	}
	return shownText(string(value))
}

// maxValue bounds a value that is shown, in characters.
const maxValue = 60

// shownText is a text in one line, without what would act on a terminal, and so that
// it is not taken for one of our words.
func shownText(text string) string {
	size := len(text)
	cut := ""
	if n := 0; utf8.RuneCountInString(text) > maxValue {
		for i := range text {
			if n == maxValue {
				text = text[:i]
				break
			}
			n++
		}
		cut = fmt.Sprintf("… (%d bytes)", size)
	}
	plain := text != "" && utf8.ValidString(text) && text == strings.TrimSpace(text) && !strings.HasPrefix(text, `"`) &&
		strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	if !plain || text == noValue || text == notSent || text == ofValue {
		text = strconv.Quote(text)
	}
	return text + cut
}
