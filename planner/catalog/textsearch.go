package catalog

// Parser of text search. Functions are schema-qualified and quoted.
type Parser struct {
	Start, Token, End, LexTypes string
	Headline                    string // empty: none
}

// Template of text search dictionaries.
type Template struct {
	Init   string // empty: none
	Lexize string
}

// Dictionary of text search.
type Dictionary struct {
	Template string // schema-qualified and quoted
	Options  string // as CREATE TEXT SEARCH DICTIONARY takes them: a = 'b', …
}

// Configuration of text search.
type Configuration struct {
	Parser   string // schema-qualified and quoted
	Mappings []TokenMapping
}

// TokenMapping says which dictionaries see a type of token.
type TokenMapping struct {
	Token        string
	Dictionaries []string // in order, schema-qualified and quoted
}
