package introspect

import "sluice/planner/catalog"

type languageRow struct {
	named
	Trusted   bool
	Handler   uint32
	Inline    uint32
	Validator uint32
}

func (r *reader) addLanguage(row languageRow) {
	r.add(classLanguage, row.named, catalog.ID{Kind: catalog.KindLanguage, Name: row.Name}, &catalog.Language{
		Trusted:   row.Trusted,
		Handler:   r.function(row.Handler),
		Inline:    r.function(row.Inline),
		Validator: r.function(row.Validator),
	})
}

type accessMethodRow struct {
	named
	Type    string
	Handler uint32
}

// accessMethodWords are the letters of pg_am.amtype.
var accessMethodWords = map[string]string{"t": "table", "i": "index"}

func (r *reader) addAccessMethod(row accessMethodRow) {
	r.add(classAccessMethod, row.named, catalog.ID{Kind: catalog.KindAccessMethod, Name: row.Name},
		&catalog.AccessMethod{Type: accessMethodWords[row.Type], Handler: r.function(row.Handler)})
}

type transformRow struct {
	named    // Name: the type
	Language string
	FromSQL  uint32
	ToSQL    uint32
}

func (r *reader) addTransform(row transformRow) {
	r.add(classTransform, row.named, catalog.ID{Kind: catalog.KindTransform, Name: row.Name, Args: row.Language},
		&catalog.Transform{
			Type:     row.Name,
			Language: row.Language,
			FromSQL:  r.signature(row.FromSQL),
			ToSQL:    r.signature(row.ToSQL),
		})
}

type castRow struct {
	named
	Source   string
	Target   string
	Method   string
	Function uint32
	Context  string
}

// The letters of pg_cast, in words.
var (
	castMethodWords  = map[string]string{"f": "function", "i": "inout", "b": "binary"}
	castContextWords = map[string]string{"e": "explicit", "a": "assignment", "i": "implicit"}
)

func (r *reader) addCast(row castRow) {
	r.add(classCast, row.named, catalog.ID{Kind: catalog.KindCast, Name: row.Name}, &catalog.Cast{
		Source:   row.Source,
		Target:   row.Target,
		Method:   castMethodWords[row.Method],
		Function: r.signature(row.Function),
		Context:  castContextWords[row.Context],
	})
}
