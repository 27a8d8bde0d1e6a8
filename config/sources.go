package config

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

const concealedText = "(sensitive)"

// sources is the text of every file that was read, for the source lines of
// diagnostics, and what of it must not be shown.
type sources struct {
	files  map[string]*source
	hidden map[string][][2]int // by file: offsets, from and to
}

type source struct {
	text   []byte
	file   *hcl.File // what was parsed; nil for none
	values bool      // a file of values for variables
	hidden bool      // no line of it is ever shown
}

func newSources() *sources {
	return &sources{files: map[string]*source{}, hidden: map[string][][2]int{}}
}

// hide keeps a range out of every source line.
func (s *sources) hide(r hcl.Range) {
	s.hidden[r.Filename] = append(s.hidden[r.Filename], [2]int{r.Start.Byte, r.End.Byte})
}

// hideValues keeps the files of values out of the source lines. Once a
// variable is sensitive, none of their lines is known to be harmless: a value
// may span lines, or be misspelt.
func (s *sources) hideValues() {
	for _, file := range s.files {
		file.hidden = file.hidden || file.values
	}
}

// slice is the text of a range, or nil.
func (s *sources) slice(r hcl.Range) []byte {
	file := s.files[r.Filename]
	if file == nil || !r.CanSliceBytes(file.text) {
		return nil
	}
	return r.SliceBytes(file.text)
}

// context is `, in migration "shop"`, or empty.
func (s *sources) context(at Range) string {
	if s == nil || s.files[at.File] == nil || s.files[at.File].file == nil {
		return ""
	}
	file := s.files[at.File]
	nav, ok := file.file.Nav.(interface{ ContextString(offset int) string })
	if !ok {
		return ""
	}
	line, offset, ok := lineOf(file.text, at.Line)
	if !ok {
		return ""
	}
	if name := nav.ContextString(offset + clusterOffset(line, at.Column-1)); name != "" {
		return ", in " + printable(name)
	}
	return ""
}

// snippetLine is one line of a file in three parts; marked is what the
// problem is about.
type snippetLine struct{ before, marked, after string }

// line returns the first line of a place, without what must not be shown.
func (s *sources) line(at Range) (snippetLine, bool) {
	if s == nil || s.files[at.File] == nil || s.files[at.File].hidden {
		return snippetLine{}, false
	}
	line, offset, ok := lineOf(s.files[at.File].text, at.Line)
	if !ok {
		return snippetLine{}, false
	}
	from := clusterOffset(line, at.Column-1)
	to := len(bytes.TrimRight(line, " \t\r"))
	if at.EndLine == at.Line {
		to = clusterOffset(line, at.EndColumn-1)
	}
	to = max(from, to)
	c := s.concealer(at.File, line, offset)
	for from > 0 && c.hidden(from) && c.hidden(from-1) { // a hidden stretch is shown as a whole
		from--
	}
	for to < len(line) && c.hidden(to) && (to == from || c.hidden(to-1)) {
		to++
	}
	return snippetLine{c.show(0, from), c.show(from, to), c.show(to, len(line))}, true
}

// Passwords in the wrong place: in a URL, or written down as one. They are
// found by their form too, because a line with a syntax error is no argument.
var (
	passwordInURL   = regexp.MustCompile(`://[^/?#\s"]*:([^\s"]*)@`)
	passwordInQuery = regexp.MustCompile(`(?i)[?&](?:ssl)?password=([^&\s"]*)`)
	passwordWritten = regexp.MustCompile(`(?i)password"?\s*[=:]\s*"([^"]*)`)
)

// concealer shows parts of a line without what must not be shown.
type concealer struct {
	line []byte
	hide []bool // of each byte
}

func (s *sources) concealer(name string, line []byte, offset int) concealer {
	c := concealer{line, make([]bool, len(line))}
	for _, r := range s.hidden[name] {
		c.cover(r[0]-offset, r[1]-offset)
	}
	for _, form := range []*regexp.Regexp{passwordInURL, passwordInQuery, passwordWritten} {
		for _, m := range form.FindAllSubmatchIndex(line, -1) {
			c.cover(m[2], m[3])
		}
	}
	return c
}

func (c concealer) cover(from, to int) {
	for i := max(from, 0); i < min(to, len(c.line)); i++ {
		c.hide[i] = true
	}
}

func (c concealer) hidden(i int) bool { return i < len(c.hide) && c.hide[i] }

// show is a part of the line, with one word in place of each hidden stretch.
func (c concealer) show(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		switch {
		case !c.hide[i]:
			b.WriteByte(c.line[i])
		case i == from || !c.hide[i-1]:
			b.WriteString(concealedText)
		}
	}
	return printable(strings.TrimRight(b.String(), "\r"))
}

// lineOf returns the n-th line (from 1) and where it begins.
func lineOf(text []byte, n int) (line []byte, offset int, ok bool) {
	for ; n > 1; n-- {
		i := bytes.IndexByte(text[offset:], '\n')
		if i < 0 {
			return nil, 0, false
		}
		offset += i + 1
	}
	line, _, _ = bytes.Cut(text[offset:], []byte("\n"))
	return line, offset, n == 1
}
