package planner

import (
	"fmt"
	"strings"

	"sluice/planner/catalog"
)

// checkSecrets reports what of a foreign server, or of what is around it, stays
// behind because it is secret. Nothing of it has left the source.
func (b *builder) checkSecrets(o *catalog.Object) {
	var secrets []string
	hidden := false
	switch spec := o.Spec.(type) {
	case *catalog.Wrapper:
		secrets = spec.Secrets
	case *catalog.ForeignServer:
		secrets = spec.Secrets
	case *catalog.UserMapping:
		secrets, hidden = spec.Secrets, spec.Hidden
	case *catalog.ForeignTable:
		secrets = spec.Secrets
	}
	what := "without " + strings.Join(secrets, ", ")
	if hidden {
		what = "without its options, which the role on " + b.spec.Source.Ref + " may not see"
	}
	if len(secrets) == 0 && !hidden {
		return
	}
	b.report(Finding{
		Code:    "W228",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s arrives %s", o.ID, what),
		Fix:     []string{fmt.Sprintf("after it is created on %s: alter … options (add …)", b.spec.Target.Ref)},
		Place:   b.reason(o).Place,
	})
}
