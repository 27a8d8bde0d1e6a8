package catalog

// Grants are the privileges on an object and on its columns, as its owner's
// GRANT statements would make them of nothing. Nothing is what the server gives
// without default privileges: all to the owner, and to the public EXECUTE of
// functions and USAGE of types and languages.
type Grants struct {
	// RevokedFromPublic says that the public had a privilege by default that has
	// been taken away. It is always so of the schema public, whose privileges
	// initdb makes and which are others from 15 on: the List says what is left.
	RevokedFromPublic bool
	// RevokedFromOwner says that the owner has not all of its own privileges:
	// those it has are among List.
	RevokedFromOwner bool
	List             []Grant // sorted by all fields
}

// Grant is one privilege of one role.
type Grant struct {
	Column    string // of a relation; empty: the whole
	Grantee   string // a role; empty: the public
	Privilege string // SELECT, EXECUTE, …
	Grantable bool   // WITH GRANT OPTION
	// FromOthers is the role that granted it, where that is not the owner. Only
	// that role can grant it again, and whoever may SET ROLE to it; empty it, and
	// the owner grants it instead.
	FromOthers string
}

// DefaultACL is what ALTER DEFAULT PRIVILEGES says for the objects of one kind
// that a role will create. Within one schema all of it comes on top of what is
// said for the database, so that nothing is revoked there.
type DefaultACL struct {
	Grants Grants
}

// SecurityLabel is a label that a provider, a loaded module, gives a meaning.
type SecurityLabel struct {
	On     ID
	Column string // of the relation On; empty: the whole
	Label  string
}
