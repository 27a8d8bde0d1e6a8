package introspect

import "sluice/planner/catalog"

type wrapperRow struct {
	named
	HandlerSchema   string
	HandlerName     string
	ValidatorSchema string
	ValidatorName   string
	Options         []string
	Secrets         []string
}

func (r *reader) addWrapper(row wrapperRow) {
	r.add(classWrapper, row.named, catalog.ID{Kind: catalog.KindWrapper, Name: row.Name}, &catalog.Wrapper{
		Handler:   quoted(row.HandlerSchema, row.HandlerName),
		Validator: quoted(row.ValidatorSchema, row.ValidatorName),
		Options:   row.Options,
		Secrets:   row.Secrets,
	})
}

type foreignServerRow struct {
	named
	Wrapper string
	Type    string
	Version string
	Options []string
	Secrets []string
}

func (r *reader) addForeignServer(row foreignServerRow) {
	r.add(classForeignServer, row.named, catalog.ID{Kind: catalog.KindServer, Name: row.Name}, &catalog.ForeignServer{
		Wrapper: row.Wrapper,
		Type:    row.Type,
		Version: row.Version,
		Options: row.Options,
		Secrets: row.Secrets,
	})
}

type userMappingRow struct {
	named
	Server  string
	Hidden  bool
	Options []string
	Secrets []string
}

func (r *reader) addUserMapping(row userMappingRow) {
	id := catalog.ID{Kind: catalog.KindUserMapping, Name: row.Name, Args: row.Server}
	r.add(classUserMapping, row.named, id, &catalog.UserMapping{
		Options: row.Options,
		Secrets: row.Secrets,
		Hidden:  row.Hidden,
	})
}

type foreignTableRow struct {
	named
	Partition bool
	Bound     string
	Server    string
	Wrapper   string
	Options   []string
	Secrets   []string
}

func (r *reader) addForeignTable(row foreignTableRow) {
	spec := &catalog.ForeignTable{
		Table:   catalog.Table{Bound: row.Bound},
		Server:  row.Server,
		Wrapper: row.Wrapper,
		Fetch:   row.Options,
		Secrets: row.Secrets,
	}
	r.tables[row.OID] = &table{Table: &spec.Table, partition: row.Partition}
	id := catalog.ID{Kind: catalog.KindForeignTable, Schema: row.Schema, Name: row.Name}
	r.add(classClass, row.named, id, spec)
}
