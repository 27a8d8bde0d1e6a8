package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Fingerprint is a digest of everything about an object that its DDL expresses:
// two objects with the same fingerprint are the same, on whatever servers they
// are. Owners, OIDs, sizes and rights are not part of it.
func (o *Object) Fingerprint() string {
	sum := Digest(struct {
		ID         ID
		Comment    string
		Extensions []string `json:",omitempty"`
		Spec       Spec
	}{o.ID, o.Comment, o.Extensions, o.Spec})
	return hex.EncodeToString(sum[:8])
}

// Digest is the same for equal plain values: structs, lists, maps, numbers and
// text. Fields count as their json tags say.
func Digest(value any) [sha256.Size]byte {
	// A third of the time of JSON, for tens of thousands of objects and steps.
	text, err := canonical.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("catalog: a %T has no canonical form: %v", value, err)) // plain values have one
	}
	return sha256.Sum256(text)
}

// canonical is RFC 8949, section 4.2.1.
var canonical = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}()
