package planner

import (
	"fmt"
	"math/bits"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
	"sluice/state"
)

// GCPercent is how far the heap should grow while catalogs are read and planned,
// see debug.SetGCPercent: what is read stays until the plan is made.
const GCPercent = 400

// Build plans the migration up to and including the step that follows the
// changes. It never fails: what is wrong is a finding. After the cutover every
// step is done, the one that follows the changes as well.
func Build(spec Spec, source, target *catalog.Catalog, done state.State) *Plan {
	return assemble(spec, source, target, done).finish().doneOnceCutOver(done.Phase).changed(spec.Settings, done)
}

// assemble gives every object its place, and finds what is to do.
func assemble(spec Spec, source, target *catalog.Catalog, done state.State) *builder {
	b := newBuilder(spec, source, target, done)
	b.choose()
	b.takeFingerprints()
	b.findRemade()
	if len(b.remade) > 0 {
		b = b.asDropped(source)
	}
	b.meetExisting()
	b.findNewPartitions()
	b.placeObjects()
	b.linkObjects()
	b.linkAttachments()
	b.linkOperators()
	b.linkUnrecorded()
	b.splitCircles()
	b.bindSequences()
	b.prepareSource()
	b.load()
	b.linkRows()
	b.finishTables()
	b.finishRights()
	b.finishPublic()
	b.finishLast()
	b.publish()
	b.follow()
	b.liftFence()
	b.checkPartitions()
	b.checkServers()
	b.checkPrivileges()
	b.checkTables()
	b.checkTransforms()
	b.checkNeeds()
	b.checkBack(source)
	b.checkQuarantine("W252", "W254")
	if done.Phase == state.CutOver {
		// Both sides may change as they like from now on, and to start over, as
		// a conflict may advise, would cost what was written to the target.
		b.plan.Findings = []Finding{}
		b.checkState()
		b.addUnchecked()
	}
	return b
}

// builder holds a plan in the making.
type builder struct {
	spec   Spec
	source *catalog.Catalog
	target *catalog.Catalog
	done   state.State
	plan   *Plan

	related *mapping.Relations // of the source
	chosen  *mapping.Selection
	origins map[*catalog.Object]*catalog.Object // as they are called on the source; nil: all as on the target
	given   map[catalog.ID]bool                 // functions, by their names on the source, whose body is declared
	written map[*catalog.Object][]string        // what was changed in a function's body, by the function on the source
	// asRead are the tables that transform gave other columns, as they are on the
	// source.
	asRead  map[*catalog.Object]*catalog.Table
	answers []catalog.Expression // what the source says of the spec's expressions
	// relatedThere is of the target, once it was asked for.
	relatedThere *mapping.Relations
	existing     map[*catalog.Object]OnExisting // selected tables that others made on the target
	// routed are those that are partitioned otherwise there, and all below them, by
	// the one at the top, which is on the target.
	routed  map[*catalog.Object]*catalog.Object
	skipped map[*catalog.Object]bool // tables that are left to the target

	fingerprints map[*catalog.Object]string // each is asked for by several steps of a table

	drafts    []*draft
	creates   map[*catalog.Object]*draft   // by the object that it makes
	altered   map[*catalog.Object][]*draft // steps that add columns, by the table
	attaches  map[*catalog.Object]*draft   // by the index that they attach to the one above it
	outlines  map[*catalog.Object]*draft   // by the object whose first form it makes
	copies    map[catalog.Name]*draft
	refreshes map[*catalog.Object]*draft
	present   map[*catalog.Object]bool // selected, on the target, and used as it is there
	covered   map[*catalog.Object]bool // made along with another object
	// bornWith are the keys, indexes and checks that a new partition is made with.
	bornWith  map[*catalog.Object][]*catalog.Object
	inherited []*catalog.Object     // constraints that come with a parent's
	began     map[catalog.Name]bool // tables that were copied in part, and whether by key
	analyzed  []*draft
	slot      *draft
	spool     *draft // nil: none is declared
	converge  *draft
	joining   joining
	waiting   []*catalog.Object // for the cutover, since the plan is one of Origin
	later     []*draft          // what is done on the open target
	remade    []remaking
	// fromSource are the tables with rows, by their name on the source, once it was
	// asked for.
	fromSource map[catalog.Name]*catalog.Object
	// followedNow is what the state has of followed tables, by their name on the target.
	followedNow map[catalog.Name]state.Followed
	published   map[catalog.Name]bool // tables of the migration's publication, as it is on the source
}

func newBuilder(spec Spec, source, target *catalog.Catalog, done state.State) *builder {
	b := &builder{
		spec:         spec,
		target:       target,
		answers:      source.Expressions,
		creates:      make(map[*catalog.Object]*draft, len(source.Objects)),
		altered:      map[*catalog.Object][]*draft{},
		attaches:     map[*catalog.Object]*draft{},
		fingerprints: make(map[*catalog.Object]string, len(source.Objects)),
		outlines:     map[*catalog.Object]*draft{},
		copies:       map[catalog.Name]*draft{},
		refreshes:    map[*catalog.Object]*draft{},
		present:      map[*catalog.Object]bool{},
		existing:     map[*catalog.Object]OnExisting{},
		skipped:      map[*catalog.Object]bool{},
		routed:       map[*catalog.Object]*catalog.Object{},
		covered:      map[*catalog.Object]bool{},
		bornWith:     map[*catalog.Object][]*catalog.Object{},
		done:         done,
		began:        map[catalog.Name]bool{},
		followedNow:  map[catalog.Name]state.Followed{},
		written:      map[*catalog.Object][]string{},
	}
	for _, f := range done.Followed {
		b.followedNow[catalog.Name{Schema: f.Schema, Local: f.Table}] = f
	}
	for _, c := range done.Chunks {
		b.began[catalog.Name{Schema: c.Schema, Local: c.Table}] = c.ByKey
	}
	b.published = publishedBy(source, spec.Slot)
	b.source = withoutOurs(asDeclared(source, spec), func(id catalog.ID) bool { return b.knows(stepID(Create, id)) }, spec.Grants)
	b.plan = &Plan{
		FormatVersion: FormatVersion,
		Migration:     spec.Migration,
		Source:        endpoint(spec.Source, source.Server),
		Target:        endpoint(spec.Target, target.Server),
		Variables:     spec.Variables,
		Stages:        spec.Stages,
		Replace:       spec.Replace,
		Findings:      []Finding{},
		Right:         []catalog.ID{},
		NotMigrated:   []Omission{},
		Estimates:     map[string]Estimate{},
		Phase:         string(done.Phase),
	}
	if spec.Stages.Incremental {
		b.plan.Slot = spec.Slot
	}
	t := target.Server
	b.plan.Origin = (spec.Stages.Incremental || spec.Stages.Full) && !t.Superuser && !t.MayReplicaRole
	return b
}

func endpoint(d Declared, s catalog.Server) Endpoint {
	return Endpoint{
		Ref:              d.Ref,
		Database:         s.Database,
		Version:          s.VersionText,
		VersionNum:       s.Version,
		SystemIdentifier: s.SystemIdentifier,
		Bytes:            s.Bytes,
	}
}

// stepID names a step by action and object: "create table public.orders". It
// is the same from plan to plan, since the state knows steps by it. A suffix
// tells two steps of one action and object apart.
func stepID(action Action, object catalog.ID, suffix ...string) string {
	verb := strings.TrimSuffix(string(action), " "+string(object.Kind))
	id := verb + " " + object.String()
	for _, s := range suffix {
		id += " " + s
	}
	return id
}

// Kinds of what a step works on and no source catalog is asked for.
const (
	kindSlot     catalog.Kind = "slot"
	kindSpool    catalog.Kind = "spool"
	kindDatabase catalog.Kind = "database"
	kindPattern  catalog.Kind = "pattern"
	kindRole     catalog.Kind = "role"
)

func publication(name string) catalog.ID {
	return catalog.ID{Kind: catalog.KindPublication, Name: name}
}
func slot(name string) catalog.ID     { return catalog.ID{Kind: kindSlot, Name: name} }
func database(name string) catalog.ID { return catalog.ID{Kind: kindDatabase, Name: name} }

func tableID(n catalog.Name) catalog.ID {
	return catalog.ID{Kind: catalog.KindTable, Schema: n.Schema, Name: n.Local}
}

// add makes a draft of a step. Its ID is that of its action and object unless
// it has one.
func (b *builder) add(s Step) *draft {
	if s.ID == "" {
		s.ID = stepID(s.Action, s.Object)
	}
	if s.Reason == (Reason{}) {
		s.Reason = b.declared()
	}
	d := &draft{Step: s}
	b.drafts = append(b.drafts, d)
	return d
}

// declared is the reason of what the migration as a whole asks for.
func (b *builder) declared() Reason {
	return Reason{Text: b.spec.Migration, Place: place(b.spec.Place)}
}

// place returns nil for the zero Place.
func place(p Place) *Place {
	if p == (Place{}) {
		return nil
	}
	return &p
}

func (b *builder) report(f ...Finding) { b.plan.Findings = append(b.plan.Findings, f...) }

func (b *builder) omit(id catalog.ID, reason string) { b.omitCode(id, "", reason) }

func (b *builder) omitCode(id catalog.ID, code, reason string) {
	b.plan.NotMigrated = append(b.plan.NotMigrated, Omission{Object: id, Reason: reason, Code: code})
}

// knows says that the state has heard of the step: it is done, or was begun.
func (b *builder) knows(step string) bool {
	_, ok := b.done.Steps[step]
	return ok
}

// onTarget is what the target has under the name that a source's object gets
// there, or nil.
func (b *builder) onTarget(id catalog.ID) *catalog.Object { return b.target.Find(id) }

// estimate notes what a step costs, and lets the larger of two come first. Only
// the magnitude of a size counts for the order: a table that grows while its
// plan is reviewed or runs should not change every number in it.
func (b *builder) estimate(d *draft, e Estimate) {
	d.weight = bits.Len64(uint64(max(e.Bytes, 0)))
	if e.Rows > 0 || e.Bytes > 0 {
		b.plan.Estimates[d.ID] = Estimate{Rows: max(e.Rows, 0), Bytes: max(e.Bytes, 0), Chunks: e.Chunks}
	}
}

// finish orders the steps, marks what is done and seals the plan.
func (b *builder) finish() *Plan {
	steps, circles := order(b.drafts)
	for _, members := range circles {
		b.reportCircle(members)
	}
	b.plan.Steps = steps
	redone := b.plan.Redone()
	for i := range steps {
		steps[i].Done = b.done.Done(steps[i].ID) && !redone[steps[i].ID]
	}
	b.plan.IndexBuilds = b.indexBuilds()
	b.plan.Findings = sortFindings(b.plan.Findings)
	b.sortObjects()
	b.plan.seal()
	return b.plan
}

func (b *builder) reportCircle(members []catalog.ID) {
	names := make([]string, len(members))
	for i, id := range members {
		names[i] = id.String()
	}
	b.report(Finding{
		Code:    "C122",
		Object:  members[0],
		Summary: "these objects need each other: " + strings.Join(names, ", "),
		Fix:     []string{fmt.Sprintf("exclude one of them, and create it on %s by hand", b.spec.Target.Ref)},
	})
}
