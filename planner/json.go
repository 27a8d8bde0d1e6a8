package planner

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"golang.org/x/sync/errgroup"
)

// JSON is the plan's canonical form, indented, with a newline at the end: the
// same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	frame := *p
	if len(p.Steps) > 0 {
		frame.Steps = []Step{}
	}
	text, err := json.Marshal(frame, readable, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("writing the plan as JSON: %w", err)
	}
	text = append(text, '\n')
	if len(p.Steps) == 0 {
		return text, nil
	}
	steps, err := together(p.Steps, func(chunk []Step) ([]byte, error) {
		list, err := json.Marshal(chunk, readable, jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  "))
		return bytes.TrimSuffix(bytes.TrimPrefix(list, []byte("[\n")), []byte("\n  ]")), err
	})
	if err != nil {
		return nil, fmt.Errorf("writing the plan's steps as JSON: %w", err)
	}
	// No text in the plan has such a quote: there it is escaped.
	before, after, _ := bytes.Cut(text, []byte("\"steps\": []"))
	return slices.Concat(before, []byte("\"steps\": [\n"), bytes.Join(steps, []byte(",\n")), []byte("\n  ]"), after), nil
}

// readable is JSON as encoding/json writes it, but "->" stands as it is.
var readable = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

// stepsTogether are written at once: enough for the pieces to be few, and few
// enough for all processors to have some. The ID depends on it.
const stepsTogether = 1000

// together writes the steps, of which there are tens of thousands, on all
// processors.
func together(steps []Step, write func([]Step) ([]byte, error)) ([][]byte, error) {
	chunks := slices.Collect(slices.Chunk(steps, stepsTogether))
	pieces := make([][]byte, len(chunks))
	var writing errgroup.Group
	writing.SetLimit(runtime.GOMAXPROCS(0))
	for i, chunk := range chunks {
		writing.Go(func() (err error) {
			pieces[i], err = write(chunk)
			return err
		})
	}
	return pieces, writing.Wait()
}

// contentID is the ID that the plan's content asks for: a digest of the plan
// without its steps, and of those of the steps. Estimates and Phase are no part
// of it: both move by themselves.
func (p *Plan) contentID() string {
	frame := *p
	frame.ID, frame.Phase, frame.Estimates, frame.Steps = "", "", nil, nil
	sum := sha256.New()
	err := json.MarshalWrite(sum, frame, readable)
	steps, stepsErr := together(p.Steps, func(chunk []Step) ([]byte, error) {
		sum := sha256.New()
		err := json.MarshalWrite(sum, chunk, readable)
		return sum.Sum(nil), err
	})
	if err := cmp.Or(err, stepsErr); err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // a plan holds plain values only
	}
	for _, digest := range steps {
		sum.Write(digest)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
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
	p := &Plan{}
	if err := json.Unmarshal(data, p, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if content := p.contentID(); content != p.ID {
		return nil, fmt.Errorf("reading the plan: it says %s, but its content is %s: it was changed after it was made", p.ID, content)
	}
	return p, nil
}
