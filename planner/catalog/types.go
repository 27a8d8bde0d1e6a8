package catalog

import (
	"strings"
	"unicode/utf8"
)

// Enum is an enum type.
type Enum struct {
	Labels []string // in sort order
}

// Composite is a type of its own with attributes; the row type of a table is not.
type Composite struct {
	Attributes []Attribute
}

// Attribute of a composite type.
type Attribute struct {
	Name      string
	Type      string // format_type
	Collation string // schema-qualified and quoted, where it is not the type's own
	Comment   string
}

// Range is a range type, with the multirange that comes with it.
type Range struct {
	Subtype       string // format_type
	OperatorClass string // schema-qualified and quoted; empty: the default one
	Collation     string
	Canonical     string // function, schema-qualified and quoted
	SubtypeDiff   string
	// Multirange is its name, where that is not the one that the server would
	// choose. There was none before 14.
	Multirange Name
}

// ChosenMultirange is the name that the server gives the multirange of a range
// type: makeMultirangeTypeName in src/backend/catalog/pg_type.c.
func ChosenMultirange(of string) string {
	const most = 63 // NAMEDATALEN - 1
	if before, after, found := strings.Cut(of, "range"); found {
		name := before + "multirange" + after
		end := min(len(name), most)
		for end < len(name) && end > 0 && !utf8.RuneStart(name[end]) {
			end--
		}
		return name[:end]
	}
	const suffix = "_multirange"
	return of[:min(len(of), most-len(suffix))] + suffix // in the middle of a character, as the server does
}

// Base is a type that functions read and write. Functions are schema-qualified
// and quoted, without arguments; empty: none.
type Base struct {
	Input, Output string
	Receive, Send string
	ModifierIn    string
	ModifierOut   string
	Analyze       string
	// Subscript is the handler since 14, where it is not the one that CREATE
	// TYPE chooses for a type with Element.
	Subscript  string
	Length     int // -1: variable, -2: a string that ends with a zero byte
	ByValue    bool
	Alignment  string // char, int2, int4, double
	Storage    string // plain, external, extended, main
	Category   string // one character
	Preferred  bool
	Default    *string // in the type's own text form; nil: null
	Element    string  // format_type, where it is an array
	Delimiter  string  // one character
	Collatable bool
}

// Shell is a type that has only a name yet.
type Shell struct{}

// Domain is a domain over a base type.
type Domain struct {
	Type      string // format_type, schema-qualified
	Collation string // schema-qualified and quoted; empty: the type's own
	Default   string
	NotNull   bool
	// NotNullName is the constraint's name since 17, where it is not the one
	// that the server would choose or has a comment.
	NotNullName    string
	NotNullComment string
	Checks         []DomainCheck // by name
}

// DomainCheck is a constraint of a domain.
type DomainCheck struct {
	Name       string
	Definition string // pg_get_constraintdef: CHECK (…) [NOT VALID]
	Comment    string
}

// Collation is a collation of its own.
type Collation struct {
	Provider      string // libc, icu, builtin
	Locale        string // of icu and builtin
	Collate       string // of libc
	Ctype         string
	Deterministic bool
	Rules         string // of icu, since 16
	// Version is that of the provider's library: no part of what it is.
	Version string `json:"-"`
}

// Conversion translates from one encoding to another.
type Conversion struct {
	Source, Destination string // encodings
	Function            string // schema-qualified and quoted
	Default             bool
}

// Cast from one type to another.
type Cast struct {
	Source, Target string // format_type
	Method         string // function, inout, binary
	Function       string // with arguments, schema-qualified and quoted
	Context        string // explicit, assignment, implicit
}

// Transform adapts a type to a procedural language. Functions have arguments;
// empty: none.
type Transform struct {
	Type     string // format_type
	Language string
	FromSQL  string
	ToSQL    string
}
