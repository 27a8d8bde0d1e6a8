package planner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// JSON is the plan's canonical form, indented, with a newline at the end: the
// same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	pieces, err := p.pieces(func(value any, depth int) ([]byte, error) {
		text := indented{newline: "\n" + strings.Repeat("  ", depth)}
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false) // for people: "->" stays as it is
		err := encoder.Encode(value)
		return text.out, err
	})
	if err != nil {
		return nil, fmt.Errorf("writing the plan as JSON: %w", err)
	}
	return bytes.Join(append(pieces, []byte("\n")), nil), nil
}

// indented takes JSON as the encoder writes it, whole and without white space
// but for a newline at the end, and indents it as json.Indent would with two
// spaces. That one checks every byte once more, which takes longer than all the
// encoding.
type indented struct {
	out     []byte
	newline string // with the indentation of what is around it
}

func (w *indented) Write(text []byte) (int, error) {
	out, newline := slices.Grow(w.out, 2*len(text)), []byte(w.newline) // a plan grows by two thirds
	n := len(text)
	text = bytes.TrimSuffix(text, []byte("\n"))
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
	w.out = out
	return n, nil
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
	pieces, err := content.pieces(func(value any, _ int) ([]byte, error) { return json.Marshal(value) })
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // a plan holds plain values only
	}
	sum := sha256.New()
	for _, piece := range pieces {
		sum.Write(piece)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// stepsTogether are written at once: enough for the pieces to be few, and few
// enough for all processors to have some.
const stepsTogether = 1000

// pieces are what encode makes of the plan, cut where steps are: of those there
// are tens of thousands, which all processors write. encode is given how deep
// in the plan its value is.
func (p *Plan) pieces(encode func(value any, depth int) ([]byte, error)) ([][]byte, error) {
	frame := *p
	if len(p.Steps) > 0 {
		frame.Steps = []Step{}
	}
	text, err := encode(frame, 0)
	if err != nil || len(p.Steps) == 0 {
		return [][]byte{text}, err
	}
	// No text in the plan has such a quote: there it is escaped.
	at := bytes.Index(text, []byte(`"steps":`))
	at += bytes.IndexByte(text[at:], '[')
	chunks := slices.Collect(slices.Chunk(p.Steps, stepsTogether))
	pieces := make([][]byte, len(chunks)+2)
	pieces[0], pieces[len(chunks)+1] = text[:at], text[at+len("[]"):]
	var writing errgroup.Group
	writing.SetLimit(runtime.GOMAXPROCS(0))
	for i, chunk := range chunks {
		writing.Go(func() error {
			list, err := encode(chunk, 1)
			if i > 0 && err == nil {
				list[0] = ',' // for the bracket
			}
			if i < len(chunks)-1 {
				end := bytes.LastIndexByte(list, '}')
				list = list[:end+1]
			}
			pieces[i+1] = list
			return err
		})
	}
	return pieces, writing.Wait()
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
