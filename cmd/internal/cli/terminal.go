package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// red and the like are what a terminal is told (ECMA-48).
const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	reset = "\x1b[0m"
)

func paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return color + text + reset
}

// terminal returns the file of a stream that is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// colorOn says whether to use colours on a stream: https://no-color.org and
// https://force-color.org, in this order, then whether it is a terminal.
func (a *app) colorOn(w io.Writer) bool {
	if a.noColor || os.Getenv("NO_COLOR") != "" {
		return false
	}
	if os.Getenv("FORCE_COLOR") != "" {
		return true
	}
	_, ok := terminal(w)
	return ok && os.Getenv("TERM") != "dumb"
}

// width is that of a terminal; 0 where w is none.
func width(w io.Writer) int { columns, _ := dimensions(w); return columns }

// height is that of a terminal; 0 where w is none.
func height(w io.Writer) int { _, rows := dimensions(w); return rows }

func dimensions(w io.Writer) (columns, rows int) {
	f, ok := terminal(w)
	if !ok {
		return 0, 0
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}

// approve asks a person for a yes.
func (a *app) approve(ctx context.Context, question string) error {
	if _, ok := terminal(a.in); !ok {
		return errors.New("this needs an approval, and there is no terminal to ask: read the plan, then use -auto-approve")
	}
	fmt.Fprintf(a.err, "\n%s\n  Only 'yes' is accepted: ", question)
	answer := make(chan string, 1)
	go func() { // a read from a terminal cannot be cancelled
		line, _ := bufio.NewReader(a.in).ReadString('\n') // the end of the input is no yes
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case line := <-answer:
		if strings.TrimSpace(line) != "yes" {
			return errors.New("not approved: nothing was done")
		}
		return nil
	}
}
