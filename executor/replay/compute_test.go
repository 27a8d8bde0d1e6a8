package replay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/executor/stream"
	"sluice/executor/transform"
	"sluice/planner"
	"sluice/planner/catalog"
)

// computing is the relation t (id, v, big) with what is computed for it; big is
// TOASTed. Its key is id, or it has none.
func computing(t *testing.T, filter, value []string, key bool) *relation {
	t.Helper()
	spec := &planner.CopySpec{From: catalog.Name{Schema: "public", Local: "t"}}
	def := stream.RelationDef{ID: relationID, Schema: "public", Name: "t", Identity: 'f'}
	for _, name := range []string{"id", "v", "big"} {
		spec.Columns = append(spec.Columns, planner.CopyColumn{Name: name, From: name, Type: "text"})
		def.Columns = append(def.Columns, stream.ColumnDef{Name: name, Key: key && name == "id"})
	}
	if key {
		spec.Identity, def.Identity = []string{"id"}, 'd'
	}
	if filter != nil {
		spec.Where = &planner.Expression{SQL: "f", Base: "boolean", Type: "boolean", Uses: filter}
	}
	if value != nil {
		spec.Columns[1].Value = &planner.Expression{SQL: "x", Base: "text", Type: "text", Uses: value}
	}
	r, err := newRelation(&Table{Name: spec.From, Copy: spec}, def)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func update(old, new build) build { return append(append(build("U").u32(relationID), old...), new...) }

// When a row is read again: to tell whether it passes, to insert it, or to compute
// a value of which a part was sent.
func TestWhatAnUpdateLacks(t *testing.T) {
	t.Parallel()
	key := build{}.row('K', "1", "", "")
	whole := build{}.row('O', "1", "a", "long")
	short := build{}.row('N', "2", "b", "unsent")
	for name, c := range map[string]struct {
		filter, value []string
		noKey         bool
		change        build
		want          bool
	}{
		"everything was sent":                     {filter: []string{"v"}, change: update(nil, build{}.row('N', "1", "b", "long"))},
		"a filter of the key":                     {filter: []string{"id"}, change: update(nil, short)},
		"a filter of the key, which may pass now": {filter: []string{"id"}, change: update(key, short), want: true},
		"a filter outside the key":                {filter: []string{"v"}, change: update(nil, short), want: true},
		"a filter over whole rows":                {filter: []string{"big"}, noKey: true, change: update(whole, short)},
		"a value of what was sent":                {value: []string{"v"}, change: update(key, short)},
		"a value of what has not changed":         {value: []string{"big"}, change: update(nil, short)},
		"a value of both":                         {value: []string{"v", "big"}, change: update(nil, short), want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := computing(t, c.filter, c.value, !c.noKey)
			p := &pending{}
			if err := p.decode(r, c.change); err != nil {
				t.Fatal(err)
			}
			r.fillFromOld(p)
			if got := r.lacks(p); got != c.want {
				t.Errorf("it lacks something: %v, want %v", got, c.want)
			}
		})
	}
}

// Whether the row was there, and whether it is now.
func TestAssembledChanges(t *testing.T) {
	t.Parallel()
	passed, failed := transform.Result{Kept: true}, transform.Result{}
	key := build{}.row('K', "1", "", "")
	sent := build{}.row('N', "2", "b", "long")
	for name, c := range map[string]struct {
		filter   []string
		change   build
		new, old *transform.Result
		gone     bool
		kept     bool
		before   presence
	}{
		"it stays":                       {[]string{"id"}, update(nil, sent), &passed, nil, false, true, present},
		"it stays out":                   {[]string{"id"}, update(nil, sent), &failed, nil, false, false, absent},
		"it comes in":                    {[]string{"id"}, update(key, sent), &passed, &failed, false, true, absent},
		"it goes out":                    {[]string{"id"}, update(key, sent), &failed, &passed, false, false, present},
		"nobody knows where it was":      {[]string{"v"}, update(key, sent), &passed, &failed, false, true, unknown},
		"it is gone by now":              {[]string{"v"}, update(nil, sent), &passed, nil, true, false, unknown},
		"it was never there":             {[]string{"id"}, append(build("D").u32(relationID), key...), nil, &failed, false, true, absent},
		"a key that says it was deleted": {[]string{"v"}, append(build("D").u32(relationID), key...), nil, &failed, false, true, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := computing(t, c.filter, nil, true)
			p := &pending{newRow: -1, oldRow: -1, gone: c.gone}
			if err := p.decode(r, c.change); err != nil {
				t.Fatal(err)
			}
			var results []transform.Result
			for _, x := range []struct {
				row    *int
				result *transform.Result
			}{{&p.newRow, c.new}, {&p.oldRow, c.old}} {
				if x.result != nil {
					*x.row, results = len(results), append(results, *x.result)
				}
			}
			made := r.assemble(p, results)
			if made.kept != c.kept || made.before != c.before {
				t.Errorf("kept %v, before %v; want %v, %v", made.kept, made.before, c.kept, c.before)
			}
		})
	}
}

// Of an old key the server sends NULL for all other columns: they are not known.
func TestAnOldKeySaysNothingOfTheOthers(t *testing.T) {
	t.Parallel()
	r := computing(t, []string{"v"}, nil, true)
	p := &pending{}
	if err := p.decode(r, update(build{}.row('K', "1", "", ""), build{}.row('N', "2", "b", "long"))); err != nil {
		t.Fatal(err)
	}
	kinds := func(t stream.Tuple) (k []stream.ValueKind) {
		for _, v := range t {
			k = append(k, v.Kind)
		}
		return k
	}
	if diff := cmp.Diff([]stream.ValueKind{stream.Text, stream.Unchanged, stream.Unchanged}, kinds(p.Old)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
