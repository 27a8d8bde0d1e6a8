package planner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// JSON is the plan's canonical form, indented, with a newline at the end: the
// same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	var text indented
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // for people: "->" stays as it is
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("writing the plan as JSON: %w", err)
	}
	return text, nil
}

// indented takes JSON as the encoder writes it, whole and without white space,
// and indents it as json.Indent would with two spaces. That one checks every
// byte once more, which takes longer than all the encoding.
type indented []byte

func (w *indented) Write(text []byte) (int, error) {
	out := slices.Grow(*w, 2*len(text)) // a plan grows by two thirds
	newline := []byte("\n")             // with the indentation in force
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + stringLength(text[i:])
			out = append(out, text[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, c)
			if next := text[i+1]; next == '}' || next == ']' {
				out = append(out, next)
				i++
				continue
			}
			newline = append(newline, "  "...)
			out = append(out, newline...)
		case '}', ']':
			newline = newline[:len(newline)-2]
			out = append(append(out, newline...), c)
		case ',':
			out = append(append(out, c), newline...)
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
	}
	*w = out
	return len(text), nil
}

// stringLength is that of the JSON string that text begins with, quotes included.
func stringLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// contentID is the ID that the plan's content asks for. Estimates and Phase are
// no part of it: both move by themselves.
func (p *Plan) contentID() string {
	content := *p
	content.ID, content.Phase, content.Estimates = "", "", nil
	sum := sha256.New()
	if err := json.NewEncoder(withoutNewline{sum}).Encode(content); err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // a plan holds plain values only
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// withoutNewline makes of an encoder's one Write what json.Marshal would
// return, which would be a copy of many megabytes.
type withoutNewline struct{ io.Writer }

func (w withoutNewline) Write(text []byte) (int, error) {
	_, err := w.Writer.Write(bytes.TrimSuffix(text, []byte("\n")))
	return len(text), err
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (p *Plan) seal() { p.ID = p.contentID() }

// Parse reads a plan that JSON wrote. A plan of another format version, with
// fields that are not known here, or whose content is not what its ID says, is
// an error.
func Parse(data []byte) (*Plan, error) {
	var version struct {
		FormatVersion int `json:"format_version"`
	}
	if err := json.Unmarshal(data, &version); err != nil { // also where more comes after its end
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if version.FormatVersion != FormatVersion {
		return nil, fmt.Errorf("reading the plan: it has format version %d and this sluice reads %d: make the plan again",
			version.FormatVersion, FormatVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	p := &Plan{}
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if content := p.contentID(); content != p.ID {
		return nil, fmt.Errorf("reading the plan: it says %s, but its content is %s: it was changed after it was made", p.ID, content)
	}
	return p, nil
}
