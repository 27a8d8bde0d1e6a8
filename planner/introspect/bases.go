package introspect

import "sluice/planner/catalog"

type baseRow struct {
	named
	Input       uint32
	Output      uint32
	Receive     uint32
	Send        uint32
	ModifierIn  uint32
	ModifierOut uint32
	Analyze     uint32
	Subscript   uint32
	Length      int
	ByValue     bool
	Alignment   string
	Storage     string
	Category    string
	Preferred   bool
	Default     *string
	Element     string
	Delimiter   string
	Collatable  bool
}

// alignmentWords are the letters of pg_type.typalign.
var alignmentWords = map[string]string{"c": "char", "s": "int2", "i": "int4", "d": "double"}

func (r *reader) addBase(row baseRow) {
	r.addType(row.named, &catalog.Base{
		Input:       r.function(row.Input),
		Output:      r.function(row.Output),
		Receive:     r.function(row.Receive),
		Send:        r.function(row.Send),
		ModifierIn:  r.function(row.ModifierIn),
		ModifierOut: r.function(row.ModifierOut),
		Analyze:     r.function(row.Analyze),
		Subscript:   r.function(row.Subscript),
		Length:      row.Length,
		ByValue:     row.ByValue,
		Alignment:   alignmentWords[row.Alignment],
		Storage:     storageWords[row.Storage],
		Category:    row.Category,
		Preferred:   row.Preferred,
		Default:     row.Default,
		Element:     row.Element,
		Delimiter:   row.Delimiter,
		Collatable:  row.Collatable,
	})
}
