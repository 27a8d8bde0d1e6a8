package config

import "github.com/hashicorp/hcl/v2"

// blockSpec describes one type of block: the single place from which it is
// decoded, checked, suggested and documented.
type blockSpec struct {
	name   string
	doc    string
	labels []label
	many   bool // may be repeated
	open   bool // takes arguments of any name: locals
	notYet bool // checked in full and then refused (C900)
	args   []argSpec
	blocks []*blockSpec
}

// label describes a label of a block.
type label struct {
	name   string
	free   bool     // any text; otherwise an identifier
	oneOf  []string // the allowed ones
	parts  int      // the name of an object, of that many parts
	unique bool     // two blocks of one type cannot share it
}

// argSpec describes one argument.
type argSpec struct {
	name      string
	doc       string
	kind      kind
	required  bool
	def       any      // of the type that kind decodes to; nil: none
	oneOf     []string // the allowed values, for a text or each element of a list
	min, max  any      // inclusive: int or time.Duration
	sensitive bool     // may hold a sensitive value: it is never shown
	filled    bool     // an empty text or list is an error

	notYet bool     // refused (C900) whatever its value
	today  []string // where not empty: other values are refused (C900)
}

// arg returns the description of the argument, or nil.
func (b *blockSpec) arg(name string) *argSpec {
	for i := range b.args {
		if b.args[i].name == name {
			return &b.args[i]
		}
	}
	return nil
}

// block returns the description of the nested block, or nil.
func (b *blockSpec) block(name string) *blockSpec {
	for _, nested := range b.blocks {
		if nested.name == name {
			return nested
		}
	}
	return nil
}

// hclSchema is the block as the parser wants it described. What is required
// is checked by us: our message points at the header of the block.
func (b *blockSpec) hclSchema() *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, a := range b.args {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: a.name})
	}
	for _, nested := range b.blocks {
		header := hcl.BlockHeaderSchema{Type: nested.name}
		for _, l := range nested.labels {
			header.LabelNames = append(header.LabelNames, l.name)
		}
		schema.Blocks = append(schema.Blocks, header)
	}
	return schema
}
