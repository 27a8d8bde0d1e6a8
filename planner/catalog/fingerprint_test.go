package catalog

import (
	"reflect"
	"testing"
)

func sample() *Object {
	return &Object{
		ID:      ID{Kind: KindTable, Schema: "public", Name: "orders"},
		OID:     16384,
		Owner:   "shop",
		Comment: "what was ordered",
		Depends: []ID{{Kind: KindSchema, Name: "public"}},
		Spec: &Table{
			Columns: []Column{
				{Name: "id", Type: "bigint", TypeOID: 20, NotNull: true, Statistics: -1, Stable: true, Ordered: true},
				{Name: "note", Type: "text", TypeOID: 25, Statistics: -1, Stable: true},
			},
			Identity: ReplicaIdentity{Kind: IdentityDefault},
			Size:     Size{Rows: 10, Pages: 1, Bytes: 8192},
			Access:   Access{Select: true, Owner: true},
		},
	}
}

func TestFingerprintIsTheSameWhateverTheServer(t *testing.T) {
	t.Parallel()
	elsewhere := sample()
	elsewhere.OID = 99999
	elsewhere.Owner = "somebody"
	elsewhere.Depends = nil
	table := elsewhere.Spec.(*Table)
	table.Columns[0].TypeOID = 77777
	table.Columns[0].Stable, table.Columns[0].Ordered = false, false
	table.Columns[0].NotNullInherited, table.Columns[0].NotNullName = true, "orders_id_not_null" // since 18
	table.Size = Size{Rows: -1}
	table.Access = Access{}
	if a, b := sample().Fingerprint(), elsewhere.Fingerprint(); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestFingerprintChangesWithAllThatItsDDLSays(t *testing.T) {
	t.Parallel()
	seen := map[string]string{sample().Fingerprint(): "nothing"}
	for what, change := range map[string]func(*Object, *Table){
		"name":               func(o *Object, _ *Table) { o.ID.Name = "order" },
		"schema":             func(o *Object, _ *Table) { o.ID.Schema = "shop" },
		"extensions":         func(o *Object, _ *Table) { o.Extensions = []string{"citext"} },
		"comment":            func(o *Object, _ *Table) { o.Comment = "" },
		"column's name":      func(_ *Object, t *Table) { t.Columns[1].Name = "notes" },
		"column's type":      func(_ *Object, t *Table) { t.Columns[1].Type = "varchar" },
		"columns' order":     func(_ *Object, t *Table) { t.Columns[0], t.Columns[1] = t.Columns[1], t.Columns[0] },
		"not null":           func(_ *Object, t *Table) { t.Columns[0].NotNull = false },
		"not null's comment": func(_ *Object, t *Table) { t.Columns[0].NotNullComment = "why" },
		"not null's reach":   func(_ *Object, t *Table) { t.Columns[0].NotNullNoInherit = true },
		"default":            func(_ *Object, t *Table) { t.Columns[1].Default = "''" },
		"generated":          func(_ *Object, t *Table) { t.Columns[1].Generated = "stored" },
		"identity":           func(_ *Object, t *Table) { t.Columns[0].Identity = "always" },
		"sequence":           func(_ *Object, t *Table) { t.Columns[0].Sequence = &IdentitySequence{} },
		"collation":          func(_ *Object, t *Table) { t.Columns[1].Collation = `"pg_catalog"."C"` },
		"statistics":         func(_ *Object, t *Table) { t.Columns[1].Statistics = 100 },
		"column's comment":   func(_ *Object, t *Table) { t.Columns[1].Comment = "free text" },
		"unlogged":           func(_ *Object, t *Table) { t.Unlogged = true },
		"partition":          func(_ *Object, t *Table) { t.Of = Name{"public", "all"} },
		"options":            func(_ *Object, t *Table) { t.Options = []string{"fillfactor=70"} },
		"replica identity":   func(_ *Object, t *Table) { t.Identity.Kind = IdentityFull },
	} {
		o := sample()
		change(o, o.Spec.(*Table))
		fingerprint := o.Fingerprint()
		if other, taken := seen[fingerprint]; taken {
			t.Errorf("changing the %s gives the fingerprint of changing the %s", what, other)
		}
		seen[fingerprint] = what
	}
}

func TestEveryKindOfSpecHasAFingerprint(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, spec := range []Spec{
		&Schema{}, &Enum{}, &Domain{}, &Sequence{}, &Function{}, &Table{}, &View{}, &MaterializedView{}, &Index{},
		&Constraint{}, &Trigger{}, &Unsupported{}, &Aggregate{}, &Operator{}, &OperatorFamily{}, &OperatorClass{}, &Statistics{},
		&Rule{}, &Policy{},
	} {
		fingerprint := (&Object{Spec: spec}).Fingerprint()
		if len(fingerprint) != 16 {
			t.Errorf("%s: %q", reflect.TypeOf(spec), fingerprint)
		}
		seen[fingerprint] = true
	}
	if len(seen) < 17 { // two of the same fields differ in the ID's kind
		t.Errorf("%d fingerprints", len(seen))
	}
}
