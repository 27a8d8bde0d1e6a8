package planner

import (
	"sluice/planner/catalog"
	"sluice/planner/query"
)

// same says that an object on the target is what the source's is. Queries that
// two majors print in different words are compared word by word.
func (b *builder) same(o, there *catalog.Object) bool {
	if o.Fingerprint() == there.Fingerprint() {
		return true
	}
	ours, theirs := queryOf(o.Spec), queryOf(there.Spec)
	if b.source.Server.Major() == b.target.Server.Major() || ours == nil || theirs == nil || !query.Same(*ours, *theirs) {
		return false
	}
	alike := *o
	alike.Spec = cloneSpec(o.Spec)
	*queryOf(alike.Spec) = *theirs
	return alike.Fingerprint() == there.Fingerprint()
}

// queryOf is where a spec keeps a query that the server prints from its parsed
// form; nil for kinds that have none.
func queryOf(spec catalog.Spec) *string {
	switch spec := spec.(type) {
	case *catalog.View:
		return &spec.Definition
	case *catalog.MaterializedView:
		return &spec.Definition
	case *catalog.Rule:
		return &spec.Definition
	case *catalog.Function: // BEGIN ATOMIC
		return &spec.Definition
	}
	return nil
}

// cloneSpec copies the specs that queryOf and tablespace reach into.
func cloneSpec(spec catalog.Spec) catalog.Spec {
	switch original := spec.(type) {
	case *catalog.Table:
		return clone(original)
	case *catalog.View:
		return clone(original)
	case *catalog.MaterializedView:
		return clone(original)
	case *catalog.Index:
		return clone(original)
	case *catalog.Constraint:
		return clone(original)
	case *catalog.Rule:
		return clone(original)
	case *catalog.Function:
		return clone(original)
	}
	return spec
}

func clone[S any](spec *S) *S {
	copied := *spec
	return &copied
}
