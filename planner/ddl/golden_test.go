package ddl

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/planner/catalog"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is an object and what is remarkable about it.
type sample struct {
	about   string
	version int // 0: the newest
	object  catalog.Object
}

// TestGolden keeps every statement under review: one file for each kind.
func TestGolden(t *testing.T) {
	for kind, samples := range map[string][]sample{
		"aggregate":      aggregateSamples(),
		"operator":       operatorSamples(),
		"operator_class": operatorClassSamples(),
		"statistics":     statisticsSamples(),
		"rule":           ruleSamples(),
		"policy":         policySamples(),
		"not_null":       notNullSamples(),
		"detail":         detailSamples(),

		"schema":     schemaSamples(),
		"type":       typeSamples(),
		"composite":  compositeSamples(),
		"range":      rangeSamples(),
		"base":       baseSamples(),
		"domain":     domainSamples(),
		"collation":  collationSamples(),
		"cast":       castSamples(),
		"language":   languageSamples(),
		"textsearch": textSearchSamples(),
		"sequence":   sequenceSamples(),
		"function":   functionSamples(),
		"table":      tableSamples(),
		"patchwork":  patchworkSamples(),
		"typed":      typedSamples(),
		"foreign":    foreignSamples(),
		"partition":  partitionSamples(),
		"inherit":    inheritSamples(),
		"view":       viewSamples(),
		"index":      indexSamples(),
		"constraint": constraintSamples(),
		"trigger":    triggerSamples(),
		"none":       noneSamples(),

		"extension":          extensionSamples(),
		"publication":        publicationSamples(),
		"event trigger":      eventTriggerSamples(),
		"default privileges": defaultPrivilegesSamples(),
		"security label":     securityLabelSamples(),
		"access":             accessSamples(),
	} {
		t.Run(kind, func(t *testing.T) {
			var b strings.Builder
			for _, s := range samples {
				b.WriteString("-- " + s.about + "\n" + render(&s.object, s.version) + "\n")
			}
			compare(t, filepath.Join("testdata", strings.ReplaceAll(kind, " ", "_")+".sql"), b.String())
		})
	}
}

// render is everything this package says about an object.
func render(o *catalog.Object, version int) string {
	if version == 0 {
		version = 180000
	}
	var b strings.Builder
	for _, statement := range Create(o, version) {
		b.WriteString(statement + ";\n")
	}
	for _, later := range []struct{ what, sql string }{
		{"refresh", Refresh(o)}, {"owned by", OwnedBy(o)}, {"replica identity", ReplicaIdentity(o)}, {"drop", Drop(o)},
		{"owner", renderOwner(o)}, {"grants", strings.Join(Grants(o, "new owner", renamed), ";\n")},
	} {
		if later.sql != "" {
			b.WriteString("-- " + later.what + ":\n" + later.sql + ";\n")
		}
	}
	return b.String()
}

// renderOwner is of samples that have one: the others are about something else.
func renderOwner(o *catalog.Object) string {
	if o.Owner == "" {
		return ""
	}
	return Owner(o, "new owner")
}

func renamed(role string) string { return strings.Replace(role, "reader", "renamed reader", 1) }

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./planner/ddl -update writes it); got:\n%s", file, got)
	}
}
