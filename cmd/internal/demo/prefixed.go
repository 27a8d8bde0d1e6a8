package demo

import (
	"bytes"
	"io"
)

// prefixed writes whole lines, each behind a prefix, so that a command in the
// background can be told from the one in front.
type prefixed struct {
	out     io.Writer
	prefix  string
	partial []byte // of a line that has not ended
}

func (p *prefixed) Write(data []byte) (int, error) {
	p.partial = append(p.partial, data...)
	for {
		line, rest, ended := bytes.Cut(p.partial, []byte("\n"))
		if !ended {
			return len(data), nil
		}
		if _, err := io.WriteString(p.out, p.prefix+string(line)+"\n"); err != nil {
			return 0, err
		}
		p.partial = append([]byte(nil), rest...)
	}
}
