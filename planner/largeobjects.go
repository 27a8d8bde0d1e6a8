package planner

import (
	"fmt"

	"sluice/planner/catalog"
)

// LargeObjectSpec is what large objects keep beside their bytes.
type LargeObjectSpec struct {
	Owners bool              `json:"owners,omitempty"`
	Grants bool              `json:"grants,omitempty"`
	Roles  map[string]string `json:"roles,omitempty"` // source name -> target name
	// ByOwner: the owner grants also what another role has granted.
	ByOwner bool `json:"by_owner,omitempty"`
	// Made is the table of the target that says which of them are ours while
	// they are copied.
	Made catalog.Name `json:"made"`
}

// Role is what a role of the source is called on the target.
func (s *LargeObjectSpec) Role(name string) string { return Spec{Roles: s.Roles}.role(name) }

// placeLargeObjects adds the step that copies all large objects. Nothing tells
// ours on the target from others but that there were none before.
func (b *builder) placeLargeObjects(o *catalog.Object) {
	if !b.spec.Stages.Full {
		b.omit(o.ID, `the stage "full" is not declared`)
		return
	}
	d := b.add(Step{
		Stage:  StageLoad,
		Side:   Target,
		Action: CopyLargeObjects,
		Object: o.ID,
		Reason: b.reason(o),
		LargeObjects: &LargeObjectSpec{
			Owners: b.spec.Owners, Grants: b.spec.Grants, Roles: b.spec.Roles, ByOwner: !b.target.Server.Superuser,
			Made: catalog.Name{Schema: ourSchema, Local: "large_objects_" + digest([]byte(b.spec.Migration))[:8]},
		},
	})
	d.afterSchema = true
	b.creates[o] = d
	if b.onTarget(o.ID) != nil && !b.knows(d.ID) {
		b.report(Finding{
			Code:    "C101",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s has large objects already: they could not be told from the source's", b.spec.Target.Ref),
			Fix: []string{
				fmt.Sprintf("on %s, where nothing needs them: select lo_unlink(oid) from pg_largeobject_metadata", b.spec.Target.Ref),
				fmt.Sprintf("or exclude = [%q]", o.ID.Label()),
			},
			Place: b.reason(o).Place,
		})
	}
	if b.spec.Stages.Incremental {
		b.report(Finding{
			Code:    "W204",
			Object:  o.ID,
			Summary: fmt.Sprintf("large objects written on %s after they were copied do not arrive", b.spec.Source.Ref),
			Fix:     []string{"keep them as bytea in a table, or let writes of large objects rest from the load to the cutover"},
			Place:   b.reason(o).Place,
		})
	}
}
