package introspect

import "sluice/planner/catalog"

type serverRow struct {
	Version          int
	VersionText      string
	Database         string
	Encoding         string
	Collate          string
	Ctype            string
	InRecovery       bool
	User             string
	Superuser        bool
	Replication      bool
	CreateOn         bool
	Temporary        bool
	MayReplicaRole   bool
	DatabaseOwner    bool
	BypassRLS        bool
	SendersUsed      int
	Schemas          []string
	Roles            []string
	Tablespaces      []string
	Libraries        []string
	MayListLibraries bool
}

func (r *reader) addServer(row serverRow) {
	r.server = catalog.Server{
		Version:        row.Version,
		VersionText:    row.VersionText,
		Database:       row.Database,
		Encoding:       row.Encoding,
		Collate:        row.Collate,
		Ctype:          row.Ctype,
		InRecovery:     row.InRecovery,
		User:           row.User,
		Superuser:      row.Superuser,
		Replication:    row.Replication,
		CreateOn:       row.CreateOn,
		Temporary:      row.Temporary,
		MayReplicaRole: row.MayReplicaRole,
		DatabaseOwner:  row.DatabaseOwner,
		Publications:   map[string]*catalog.Publication{},
		Settings:       map[string]string{},
		SendersUsed:    row.SendersUsed,
		Schemas:        row.Schemas,
		Roles:          row.Roles,
		BypassRLS:      row.BypassRLS,
		Tablespaces:    row.Tablespaces,
		Libraries:      row.Libraries,
		Available:      map[string][]string{},
	}
	r.mayListLibraries = row.MayListLibraries
}

type databaseSizeRow struct{ Bytes int64 }

func (r *reader) addDatabaseSize(row databaseSizeRow) { r.server.Bytes = row.Bytes }

type settingRow struct{ Name, Setting string }

func (r *reader) addSetting(row settingRow) { r.server.Settings[row.Name] = row.Setting }

func (r *reader) addLimit(row catalog.Limit) { r.server.Limits = append(r.server.Limits, row) }

func (r *reader) addSlot(row catalog.Slot) {
	r.server.Slots = append(r.server.Slots, row)
	r.server.SlotsUsed++
}
