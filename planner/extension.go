package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluice/planner/catalog"
)

// placeExtension gives an extension its place. One that is on the target with
// the source's version or a later one will do, as it would after an upgrade of
// the server.
func (b *builder) placeExtension(o, there *catalog.Object) {
	extension := o.Spec.(*catalog.Extension)
	switch {
	case there == nil:
		if b.extensionVersion(o) == "" {
			b.reportExtension(o, b.unavailable(o.ID.Name))
			return
		}
		b.create(o)
	case compareVersions(there.Spec.(*catalog.Extension).Version, extension.Version) < 0:
		b.reportExtension(o, fmt.Sprintf("has version %s of it", there.Spec.(*catalog.Extension).Version))
	case b.same(o, there):
		b.plan.Right = append(b.plan.Right, o.ID)
		b.present[o] = true
	default:
		b.create(o)
		b.reportExisting(o, there)
	}
}

// extensionVersion is the version to create: the target's default one, as after
// an upgrade of the server, unless that is older than the source's; empty where
// the target has none that will do.
func (b *builder) extensionVersion(o *catalog.Object) string {
	extension := o.Spec.(*catalog.Extension)
	available := b.target.Server.Available[o.ID.Name]
	for _, version := range available {
		if compareVersions(version, extension.Version) >= 0 {
			return version
		}
	}
	return ""
}

func (b *builder) unavailable(name string) string {
	available := b.target.Server.Available[name]
	if len(available) == 0 {
		return "does not have it"
	}
	return "has no later version of it than " + slices.MaxFunc(available, compareVersions)
}

func (b *builder) reportExtension(o *catalog.Object, what string) {
	version := o.Spec.(*catalog.Extension).Version
	b.report(Finding{
		Code:    "C108",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s is %s on %s, and %s %s", o.ID, version, b.spec.Source.Ref, b.spec.Target.Ref, what),
		Fix: []string{
			fmt.Sprintf("install it there, %s or later, or on a managed server choose a release that has it", version),
			fmt.Sprintf("where an older one is created already: alter extension %s update", catalog.Quote(o.ID.Name)),
			fmt.Sprintf("or exclude = [%q]", b.patternOf(o)),
		},
		Place: b.reason(o).Place,
	})
}

// compareVersions compares the parts of two versions between dots and dashes as
// numbers, where both are. Extensions may call versions as they like; most of
// them count.
func compareVersions(a, b string) int {
	parts := func(version string) []string {
		return strings.FieldsFunc(version, func(r rune) bool { return r == '.' || r == '-' })
	}
	return slices.CompareFunc(parts(a), parts(b), func(x, y string) int {
		m, errX := strconv.Atoi(x)
		n, errY := strconv.Atoi(y)
		if errX == nil && errY == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(x, y)
	})
}

// copyConfiguration adds, for each extension with rows of the user's in tables
// of its own, the step that copies them. They are few, so no changes are
// followed: they are copied again at cutover.
func (b *builder) copyConfiguration(stage Stage, suffix ...string) (steps []*draft) {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		extension, ok := o.Spec.(*catalog.Extension)
		if !ok || len(extension.Configuration) == 0 || !b.isThere(o) {
			continue
		}
		d := b.add(Step{
			ID:            stepID(CopyConfiguration, o.ID, suffix...),
			Stage:         stage,
			Side:          Target,
			Action:        CopyConfiguration,
			Object:        o.ID,
			Note:          []string{plural(len(extension.Configuration), "table") + " of the extension"},
			Reason:        b.reason(o),
			Configuration: extension.Configuration,
			Transaction:   true,
		})
		d.after(b.creates[o])
		steps = append(steps, d)
	}
	return steps
}
