package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Input says what Load reads.
type Input struct {
	Dir      string   // the directory of the configuration
	VarFiles []string // files of values, as given with -var-file
	Vars     []string // "name=value", as given with -var
	Environ  []string // os.Environ(), for SLUICE_VAR_name only
	Version  string   // of sluice, for required_version; empty means Version
}

// loader is one Load at work.
type loader struct {
	in      Input
	report  *report
	sources *sources
	broken  bool // a file has syntax errors, so what is missing may be there
	scope   *scope

	blocks  map[string]hcl.Blocks // of the top level, by type, in order of file
	secrets map[string]*Secret
	servers map[string]Server // by role and name: source.old
	slots   map[string]string // by source and slot: the address of the migration
}

// Load reads every *.sluice.hcl and *.sluice.json of a directory as one
// configuration. Values of variables come, the later the stronger, from the
// environment, sluice.vars.hcl, *.auto.vars.hcl, in.VarFiles and in.Vars.
//
// The Config is never nil, so that its Diagnose can be used; with errors it is
// incomplete.
func Load(in Input) (*Config, Diagnostics) {
	l := newLoader(in)
	return l.load(l.read(in))
}

func newLoader(in Input) *loader {
	l := &loader{
		in: in, report: &report{}, sources: newSources(),
		blocks: map[string]hcl.Blocks{}, secrets: map[string]*Secret{}, servers: map[string]Server{}, slots: map[string]string{},
	}
	l.scope = &scope{report: l.report, sources: l.sources, known: known{}, eval: &hcl.EvalContext{Functions: functions()}}
	return l
}

// load turns the text of files into a Config.
func (l *loader) load(got input) (*Config, Diagnostics) {
	config := &Config{Dir: l.in.Dir, sources: l.sources}
	for _, file := range got.files {
		l.collect(l.parse(file, false))
	}
	l.declare()
	config.Variables = l.variables(got.values)
	for _, raw := range l.blocks["sluice"] {
		l.checkVersion(l.scope.decode(language.block("sluice"), raw))
	}
	for _, raw := range l.blocks["secret"] {
		b := l.scope.decode(language.block("secret"), raw)
		l.secrets[b.label(0)] = l.secretBlock(b)
	}
	for _, role := range []string{"source", "target"} {
		for _, raw := range l.blocks[role] {
			s := l.server(l.scope.decode(language.block(role), raw))
			l.servers[s.Ref()] = s
		}
	}
	config.Migrations = l.migrations()
	config.servers, config.secrets = serversOf(config.Migrations), l.secrets
	if len(got.files) > 0 && len(l.blocks["migration"]) == 0 && !l.broken {
		l.report.error(hcl.Range{}, "No migration", fmt.Sprintf(
			"The configuration in %q has no migration block, so there is nothing to do. %s", l.in.Dir, demoHint))
	}
	return config, l.report.diagnostics(l.sources)
}

// collect sorts the top-level blocks of a file by type.
func (l *loader) collect(body hcl.Body) {
	content, diags := body.Content(language.hclSchema())
	l.report.add(diags)
	for _, raw := range content.Blocks {
		l.blocks[raw.Type] = append(l.blocks[raw.Type], raw)
	}
}

// roots are the names under which expressions know the blocks of a type.
var roots = map[string]string{"variable": "var", "secret": "secret", "source": "source", "target": "target", "migration": "migration"}

// declare notes the names of all blocks before any is decoded, so that their
// order means nothing, and reports those given twice.
func (l *loader) declare() {
	for _, spec := range language.blocks {
		root, named := roots[spec.name]
		if !named {
			continue
		}
		for _, raw := range l.blocks[spec.name] {
			name := composed(raw.Labels[0])
			if first, twice := l.scope.known[root][name]; twice {
				l.report.error(raw.DefRange, "Duplicate "+spec.name, fmt.Sprintf(
					"%s %q is already declared at %s. Names are unique across all files.", spec.name, name, rangeOf(first)))
				continue
			}
			l.scope.known.declare(root, name, raw.DefRange)
		}
	}
}

// migrations decodes every migration and then checks what spans them.
func (l *loader) migrations() []Migration {
	var all []Migration
	for _, raw := range l.blocks["migration"] {
		all = append(all, l.migrationBlock(raw)...)
	}
	slices.SortStableFunc(all, func(a, b Migration) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return all
}
