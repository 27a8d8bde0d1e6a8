package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// block is a decoded block: every argument checked and of its Go type, every
// nested block decoded. What was wrong is reported and left out.
type block struct {
	spec   *blockSpec
	labels []string
	ranges []hcl.Range // of labels
	rng    hcl.Range   // the header
	args   map[string]argument
	blocks []*block
}

// argument is a decoded argument.
type argument struct {
	val       any       // nil where it is wrong, or not known because of what is
	rng       hcl.Range // the value
	nameRange hcl.Range
	expr      hcl.Expression
}

// get returns an argument, or its default, or the zero value.
func get[T any](b *block, name string) T {
	if val, ok := b.args[name].val.(T); ok {
		return val
	}
	spec := b.spec.arg(name)
	if spec == nil {
		panic("config: no argument " + name + " in block " + b.spec.name)
	}
	val, _ := spec.def.(T)
	return val
}

// has reports whether the argument is given and not null, right or wrong.
func (b *block) has(name string) bool {
	_, ok := b.args[name]
	return ok
}

func (b *block) label(i int) string { return b.labels[i] }

// child returns the nested block that may be given once. Where it is not
// given it is an empty one, so that get answers with defaults.
func (b *block) child(name string) *block {
	for _, nested := range b.blocks {
		if nested.spec.name == name {
			return nested
		}
	}
	return &block{spec: b.spec.block(name), rng: b.rng}
}

// children returns the nested blocks of one type, in file order.
func (b *block) children(name string) []*block {
	var found []*block
	for _, nested := range b.blocks {
		if nested.spec.name == name {
			found = append(found, nested)
		}
	}
	return found
}

// decode decodes one block and reports all that is wrong with it.
func (s *scope) decode(spec *blockSpec, raw *hcl.Block) *block {
	b := &block{spec: spec, labels: slices.Clone(raw.Labels), ranges: raw.LabelRanges, rng: raw.DefRange, args: map[string]argument{}}
	s.checkLabels(b)
	if spec.notYet && !s.refused {
		s.report.refuse(raw.DefRange, fmt.Sprintf("The block %q", spec.name))
		inner := *s
		inner.refused = true
		s = &inner
	}
	content, diags := raw.Body.Content(spec.hclSchema())
	s.report.add(diags)
	s.arguments(b, content)
	s.nested(b, content.Blocks)
	return b
}

func (s *scope) arguments(b *block, content *hcl.BodyContent) {
	for i := range b.spec.args {
		spec := &b.spec.args[i]
		if attr, given := content.Attributes[spec.name]; given {
			arg := argument{rng: attr.Expr.Range(), nameRange: attr.NameRange, expr: attr.Expr}
			val, verdict := s.argument(spec, attr)
			if verdict == isValue {
				arg.val = val
			}
			if verdict != isNull {
				b.args[spec.name] = arg
			}
		}
		if spec.required && !b.has(spec.name) {
			s.report.error(b.rng, "Missing required argument", fmt.Sprintf(
				"The block %q needs the argument %q: %s", b.spec.name, spec.name, spec.doc))
		}
	}
}

// nested decodes the blocks within a block. A type that may be given once and
// a label that is unique are checked here.
func (s *scope) nested(b *block, raw hcl.Blocks) {
	seen := map[string]hcl.Range{}
	for _, one := range raw {
		spec := b.spec.block(one.Type)
		if spec == nil {
			continue
		}
		nested := s.decode(spec, one)
		b.blocks = append(b.blocks, nested)
		id, unique := one.Type, !spec.many
		if spec.many && len(spec.labels) == 1 && spec.labels[0].unique {
			id, unique = one.Type+" "+nested.label(0), true
		}
		first, twice := seen[id]
		switch {
		case !unique:
		case twice:
			s.report.error(one.DefRange, "Duplicate block", fmt.Sprintf(
				"%s is already given at %s. It can be given once.", describe(nested), rangeOf(first)))
		default:
			seen[id] = one.DefRange
		}
	}
}

// describe is the block as the file writes it: table "public.events".
func describe(b *block) string {
	text := b.spec.name
	for _, l := range b.labels {
		text += fmt.Sprintf(" %q", l)
	}
	return text
}

// checkLabels checks and completes the labels. HCL has counted them already.
func (s *scope) checkLabels(b *block) {
	for i, spec := range b.spec.labels {
		text := b.labels[i]
		switch {
		case len(spec.oneOf) > 0:
			if !contains(spec.oneOf, text) {
				s.report.error(b.ranges[i], "Not one of the allowed words", fmt.Sprintf(
					"The label of %q is one of %s.%s", b.spec.name, list(spec.oneOf), didYouMean(text, spec.oneOf)))
			}
		case spec.parts > 0:
			if _, err := parseName(text, spec.parts); err != nil {
				s.report.error(b.ranges[i], "Not a name", sentence(err))
			}
		case strings.TrimSpace(text) == "":
			s.report.error(b.ranges[i], "Empty label", fmt.Sprintf("The label of %q is its %s.", b.spec.name, spec.name))
		case !spec.free:
			// References in expressions are composed; labels are as they are written.
			b.labels[i] = composed(text)
			if !hclsyntax.ValidIdentifier(text) {
				s.report.error(b.ranges[i], "Not an identifier", fmt.Sprintf(
					"The name of a %s is a letter, followed by letters, digits, _ and -.", b.spec.name))
			}
		}
	}
}
