package introspect

import "sluice/planner/catalog"

type columnRow struct {
	Relation         uint32
	Number           int16
	Name             string
	Type             string
	TypeOID          uint32
	Base             uint32 // the type, or what a domain is over in the end
	BaseType         string // its name, of a domain
	Element          uint32 // of Base, where that is an array
	Bytewise         bool   // its collation compares bytes
	NotNull          bool
	NotNullName      string
	NotNullComment   string
	NotNullNoInherit bool
	Default          string
	Generated        string
	Identity         string
	CollationSchema  string
	CollationName    string
	Storage          string
	Compression      string
	Statistics       int
	Options          []string
	Fetch            []string
	Comment          string
	Inherited        bool
	NotNullInherited bool
}

// The letters of pg_attribute, in words.
var (
	generatedWords   = map[string]string{"s": "stored", "v": "virtual"}
	identityWords    = map[string]string{"a": "always", "d": "by default"}
	storageWords     = map[string]string{"p": "plain", "e": "external", "x": "extended", "m": "main"}
	compressionWords = map[string]string{"p": "pglz", "l": "lz4"}
)

func (r *reader) addColumn(row columnRow) {
	table := r.tables[row.Relation]
	if table == nil { // of one that stays behind, of an extension
		table = r.leftBehind(row.Relation)
	}
	table.numbers = append(table.numbers, row.Number)
	table.Columns = append(table.Columns, catalog.Column{
		Name:             row.Name,
		Type:             row.Type,
		TypeOID:          row.TypeOID,
		BaseType:         row.BaseType,
		Number:           row.Number,
		NotNull:          row.NotNull,
		NotNullName:      row.NotNullName,
		NotNullComment:   row.NotNullComment,
		NotNullNoInherit: row.NotNullNoInherit,
		Default:          row.Default,
		Generated:        generatedWords[row.Generated],
		Identity:         identityWords[row.Identity],
		Collation:        quoted(row.CollationSchema, row.CollationName),
		Storage:          storageWords[row.Storage],
		Compressed:       compressionWords[row.Compression],
		Statistics:       row.Statistics,
		Options:          row.Options,
		Fetch:            row.Fetch,
		Comment:          row.Comment,
		Inherited:        row.Inherited,
		NotNullInherited: row.NotNullInherited,
		Stable:           stable(row.Base, row.Element),
		Ordered:          ordered(row.Base, row.Bytewise, r.server.Encoding),
	})
}

// leftBehind is a table that is none of the catalog's, whose columns a foreign
// key may name.
func (r *reader) leftBehind(oid uint32) *table {
	if r.behind[oid] == nil {
		r.behind[oid] = &table{Table: &catalog.Table{}}
	}
	return r.behind[oid]
}
