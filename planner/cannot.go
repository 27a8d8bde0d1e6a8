package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
)

// cannotCreate omits what the target can have only by other means than SQL, or
// what is not declared: a function whose library is not there, a mapping for a
// role that does not exist, privileges.
func (b *builder) cannotCreate(o *catalog.Object) bool {
	if b.onTarget(o.ID) != nil {
		return false
	}
	switch spec := o.Spec.(type) {
	case *catalog.Function:
		return b.cannotLink(o, spec)
	case *catalog.DefaultACL, *catalog.SecurityLabel:
		if !b.spec.Grants {
			b.omit(o.ID, "not declared: grants = true takes it along")
			return true
		}
	}
	if role := b.roleOf(o); !b.hasRole(role) {
		b.omitCode(o.ID, "W216", fmt.Sprintf("%s has no role %s", b.spec.Target.Ref, role))
		return true
	}
	return false
}

// cannotLink omits a function whose code the target has not.
func (b *builder) cannotLink(o *catalog.Object, f *catalog.Function) bool {
	t := b.target.Server
	switch {
	case f.Language != "c" && f.Language != "internal":
		return false
	case f.Language == "c" && !slices.Contains(t.Libraries, f.Library):
		b.omitCode(o.ID, "N310", fmt.Sprintf("written in C: its library %s is not on %s", f.Library, b.spec.Target.Ref))
	case !t.Superuser:
		b.omitCode(o.ID, "N310", fmt.Sprintf("its language is %s: only a superuser may create it", f.Language))
	default:
		return false
	}
	return true
}
