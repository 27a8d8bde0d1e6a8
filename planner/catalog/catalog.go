package catalog

// Catalog is one database, read in one snapshot.
type Catalog struct {
	Server  Server
	Objects []Object // sorted by ID; members of extensions and system objects are not among them
	// Expressions are those that are declared, with what the server says of them.
	Expressions []Expression
}

// Find returns the object with this ID, or nil.
func (c *Catalog) Find(id ID) *Object {
	i := c.search(id)
	if i < 0 {
		return nil
	}
	return &c.Objects[i]
}

func (c *Catalog) search(id ID) int {
	low, high := 0, len(c.Objects)
	for low < high {
		middle := (low + high) / 2
		switch order := Compare(c.Objects[middle].ID, id); {
		case order == 0:
			return middle
		case order < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return -1
}

// Object is anything that a schema dump would carry.
type Object struct {
	ID      ID
	OID     uint32 // in its own system catalog, on this server only
	Owner   string
	Comment string
	// Depends names the objects that must exist before this one: pg_depend's
	// entries, resolved to objects of this catalog, sorted, without itself.
	// A dependency of a column's default, of an index's expression or of a
	// view's rule counts as one of the table, index or view.
	Depends []ID
	// Extensions are those that the object goes with when they are dropped,
	// without being a member: ALTER … DEPENDS ON EXTENSION. By name.
	Extensions []string
	// Grants are who may do what, where that is not what the kind's owner and
	// the public may by default; nil: the default.
	Grants *Grants
	Spec   Spec
}

// Table is the table that o is, ordinary, partitioned or foreign; nil where it
// is none.
func (o *Object) Table() *Table {
	switch spec := o.Spec.(type) {
	case *Table:
		return spec
	case *ForeignTable:
		return &spec.Table
	}
	return nil
}

// Limit is how many sessions something lets the role have.
type Limit struct {
	Of   string // max_connections, role, database
	Most int
	Used int // by others than a run of ours
}

// Server is what a plan must know about the server and about who is asking.
type Server struct {
	Version          int    // server_version_num: 150018
	VersionText      string // server_version: "15.18"
	SystemIdentifier string // from the control file; text, since it exceeds what JSON numbers carry
	Database         string
	Encoding         string // of the database: "UTF8"
	Collate, Ctype   string
	Bytes            int64 // pg_database_size, 0 where it may not be read
	InRecovery       bool

	User        string
	Superuser   bool
	Replication bool // the role may open replication connections: its attribute, superuser, or rds_replication
	CreateOn    bool // CREATE on the database
	Temporary   bool // TEMPORARY on the database
	// MayReplicaRole: session_replication_role may be set by this role.
	MayReplicaRole bool
	DatabaseOwner  bool // the role owns the database, or is a member of the role that does

	// Settings holds those of pg_settings that decide whether a migration can
	// run: wal_level, max_replication_slots, max_wal_senders,
	// max_slot_wal_keep_size, wal_sender_timeout, max_connections,
	// max_prepared_transactions, rds.logical_replication, …
	Settings    map[string]string
	Limits      []Limit // of the role's sessions; none: not known
	SlotsUsed   int
	SendersUsed int
	Slots       []Slot
	Roles       []string // of the whole server, sorted
	BypassRLS   bool     // policies do not hold for the role
	// Libraries are those that functions in C can be created from: what lies in
	// the server's library directory, where the role may list it, and what
	// functions of the database come from. Without directory and suffix; sorted.
	Libraries []string
	// Available are the extensions that can be created, by name, each with its
	// versions, the default one first.
	Available   map[string][]string
	Tablespaces []string // sorted, without the two of the system
	Schemas     []string // of every schema but the system's, also those that hold nothing
	// Publications are those that sluice made, by name: none of them moves.
	Publications map[string]*Publication
}

// Slot is a replication slot as pg_replication_slots shows it.
type Slot struct {
	Name     string
	Plugin   string
	Database string
	Active   bool
}

// Major is the major version: 15.
func (s Server) Major() int { return s.Version / 10000 }
