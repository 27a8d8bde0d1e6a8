package introspect

import "sluice/planner/catalog"

type extensionRow struct {
	named
	InSchema    string
	Relocatable bool
	Version     string
}

func (r *reader) addExtension(row extensionRow) {
	extension := &catalog.Extension{Schema: row.InSchema, Relocatable: row.Relocatable, Version: row.Version}
	r.extensions[row.OID] = extension
	r.add(classExtension, row.named, catalog.ID{Kind: catalog.KindExtension, Name: row.Name}, extension)
}

type extensionTableRow struct {
	Extension uint32
	Schema    string
	Name      string
	Sequence  bool
	Condition string
	Columns   []string
}

func (r *reader) addExtensionTable(row extensionTableRow) {
	if extension := r.extensions[row.Extension]; extension != nil { // nil: one that every database has
		extension.Configuration = append(extension.Configuration, catalog.ConfigurationTable{
			Name: name(row.Schema, row.Name), Sequence: row.Sequence, Condition: row.Condition, Columns: row.Columns,
		})
	}
}

type availableRow struct {
	Name     string
	Comment  string
	Versions []string
}

// addAvailable also takes the comment off an extension that only has what
// CREATE EXTENSION gave it: another version may say it in other words.
func (r *reader) addAvailable(row availableRow) {
	r.server.Available[row.Name] = row.Versions
	for _, e := range r.entries {
		if e.ID.Kind == catalog.KindExtension && e.ID.Name == row.Name && e.Comment == row.Comment {
			e.Comment = ""
		}
	}
}
