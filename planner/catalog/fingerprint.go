package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Fingerprint is a digest of everything about an object that its DDL expresses:
// two objects with the same fingerprint are the same, on whatever servers they
// are. Owners, OIDs, sizes and rights are not part of it.
func (o *Object) Fingerprint() string {
	canonical, err := json.Marshal(struct {
		ID         ID
		Comment    string
		Extensions []string `json:",omitempty"`
		Spec       Spec
	}{o.ID, o.Comment, o.Extensions, o.Spec})
	if err != nil {
		panic(fmt.Sprintf("catalog: %s cannot be written as JSON: %v", o.ID, err)) // plain structs always can
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:8])
}
