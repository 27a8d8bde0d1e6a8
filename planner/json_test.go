package planner

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/planner/catalog"
	"sluice/state"
)

func TestParseRefusesWhatItCannotTrust(t *testing.T) {
	t.Parallel()
	text, err := Build(everything(), shop(), emptyTarget(), state.State{}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, replacement, want string }{
		"another version":   {`"format_version": 5`, `"format_version": 1`, "format version 1"},
		"an unknown field":  {`"format_version": 5,`, `"format_version": 5, "colour": "red",`, "colour"},
		"a changed content": {`create type \"public\"`, `create type \"pubic\"`, "was changed"},
		"a changed order":   {`"number": 1,`, `"number": 2,`, "was changed"},
		"more behind it":    {"\n}\n", "\n}\n{}", "after top-level value"},
		"no JSON":           {"{", "", "reading the plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(string(text), c.old, c.replacement, 1)
			if changed == string(text) {
				t.Fatalf("%q is not in the plan", c.old)
			}
			if _, err := Parse([]byte(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEstimatesAndPhaseAreOutsideTheID(t *testing.T) {
	t.Parallel()
	source, done := shop(), state.State{Phase: state.FullLoad}
	tableSpec(source, "orders").Size.Rows++
	tableSpec(source, "orders").Size.Bytes++
	source.Server.Limits = []catalog.Limit{{Of: "max_connections", Most: 10}}
	first := Build(everything(), shop(), emptyTarget(), state.State{})
	second := Build(everything(), source, emptyTarget(), done)
	if first.ID != second.ID {
		t.Error(cmp.Diff(first, second))
	}
	if moved := Stale(first, second); len(moved) > 0 || len(second.Findings) == len(first.Findings) {
		t.Errorf("moved are %v, with the findings %v", moved, second.Findings)
	}
}

func TestConnectionsAreOfWhatIsLeftToDo(t *testing.T) {
	t.Parallel()
	w := world{everything(), shop(), emptyTarget(), state.State{}}
	w.source.Server.Limits = []catalog.Limit{{Of: "max_connections", Most: 97, Used: 10}}
	w.spec.Settings.Workers = 8
	p := w.build()
	if diff := cmp.Diff(map[Side]Connections{Source: {Most: 21, Free: 87}}, p.Connections); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.done = doneBy(p, len(p.Steps)-1) // all but following
	if left := w.build().Connections; left != nil {
		t.Errorf("with nothing left to do: %v", left)
	}
}

func FuzzParse(f *testing.F) {
	text, err := Build(everything(), shop(), emptyTarget(), state.State{}).JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format_version":3,"id":"x","steps":[{"copy":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		again, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := Parse(again); err != nil || q.ID != p.ID {
			t.Fatalf("what was read and written again is another plan: %v\n%s", err, bytes.TrimSpace(again))
		}
	})
}

func TestPiecesMakeTheWholePlan(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, stepsTogether, stepsTogether + 1, 3*stepsTogether - 1} {
		p := &Plan{Migration: `"steps": []`, Findings: []Finding{}, Steps: make([]Step, n)}
		for i := range p.Steps {
			p.Steps[i] = Step{Number: i + 1, SQL: []string{"select '<}]'"}}
		}
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		got, gotErr := p.JSON()
		if err := errors.Join(gotErr, encoder.Encode(p)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%d steps: got %.300s, want %.300s", n, got, want.String())
		}
	}
}
