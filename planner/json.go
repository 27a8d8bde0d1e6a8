package planner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"sluice/planner/catalog"
)

// JSON is the plan's canonical form, indented, with a newline at the end: the
// same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	frame := *p
	if len(p.Steps) > 0 {
		frame.Steps = []Step{}
	}
	text := written(frame, jsontext.WithIndent("  "))
	text = append(text, '\n')
	if len(p.Steps) == 0 {
		return text, nil
	}
	// No text in the plan has such a quote: there it is escaped.
	before, after, _ := bytes.Cut(text, []byte("\"steps\": []"))
	pieces := together(p.Steps, func(chunk []Step) []byte {
		list := written(chunk, jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  "))
		return bytes.TrimSuffix(bytes.TrimPrefix(list, []byte("[\n")), []byte("\n  ]"))
	})
	return slices.Concat(before, []byte("\"steps\": [\n"), bytes.Join(pieces, []byte(",\n")), []byte("\n  ]"), after), nil
}

// written is a part of the plan as JSON.
func written(part any, layout ...json.Options) []byte {
	text, err := json.Marshal(part, append(layout, readable)...)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // a plan holds plain values only
	}
	return text
}

// readable is JSON as encoding/json writes it, but "->" stands as it is.
var readable = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

// contentID is the ID that the plan's content asks for: a digest of the plan
// without its steps, and of those of the steps. Estimates, IndexBuilds, Settings, Phase and
// some findings are no part of it: they move by themselves; nor are places, which move
// with other lines.
func (p *Plan) contentID() string {
	frame := *p
	frame.ID, frame.Phase, frame.Settings, frame.Estimates, frame.IndexBuilds, frame.Steps = "", "", nil, nil, IndexBuilds{}, nil
	frame.Findings = slices.DeleteFunc(slices.Clone(p.Findings), Finding.moves)
	sum := sha256.New()
	of := catalog.Digest(frame)
	sum.Write(of[:])
	for _, of := range together(p.Steps, func(steps []Step) [sha256.Size]byte { return catalog.Digest(steps) }) {
		sum.Write(of[:])
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
