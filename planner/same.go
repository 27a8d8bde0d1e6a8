package planner

import (
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/query"
)

// same says that an object on the target is what the source's is. Queries that
// two majors print in different words are compared word by word.
func (b *builder) same(o, there *catalog.Object) bool {
	if o.Fingerprint() == there.Fingerprint() {
		return true
	}
	switch ours := o.Spec.(type) {
	case *catalog.Collation:
		return sameCollation(o, ours, there)
	case *catalog.Trigger:
		return sameTrigger(o, ours, there)
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

// sameCollation: from 16 on a server keeps a language tag (de-DE) where it is
// given what ICU called a locale before (de_DE). Keywords behind @ have other
// words there, so these are compared as they are.
func sameCollation(o *catalog.Object, ours *catalog.Collation, there *catalog.Object) bool {
	theirs, ok := there.Spec.(*catalog.Collation)
	tag := func(locale string) string {
		if strings.Contains(locale, "@") {
			return locale
		}
		return strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
	}
	if !ok || ours.Provider != "icu" || tag(ours.Locale) != tag(theirs.Locale) {
		return false
	}
	alike, spec := *o, *ours
	spec.Locale, alike.Spec = theirs.Locale, &spec
	return alike.Fingerprint() == there.Fingerprint()
}

// sameTrigger: before 11 what a trigger runs was called a procedure.
func sameTrigger(o *catalog.Object, ours *catalog.Trigger, there *catalog.Object) bool {
	const before, now = " EXECUTE PROCEDURE ", " EXECUTE FUNCTION "
	i := strings.LastIndex(ours.Definition, before)
	if i < 0 {
		return false
	}
	alike, spec := *o, *ours
	spec.Definition = ours.Definition[:i] + now + ours.Definition[i+len(before):]
	alike.Spec = &spec
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
