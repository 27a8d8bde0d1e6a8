package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// PostgreSQL's rule for slot names: ReplicationSlotValidateName in
// src/backend/replication/slot.c, with NAMEDATALEN 64.
const longestSlot = 63

const slotLetters = "abcdefghijklmnopqrstuvwxyz0123456789_"

func readSlotName(v cty.Value) (any, error) {
	name := v.AsString()
	switch {
	case name == "":
		return nil, errors.New("a slot needs a name")
	case len(name) > longestSlot:
		return nil, fmt.Errorf("%q has %d bytes; PostgreSQL allows %d", name, len(name), longestSlot)
	case strings.Trim(name, slotLetters) != "" || name != slotLetter(name):
		return nil, fmt.Errorf("%q is not a slot name: PostgreSQL allows lower-case letters, digits and _. Did you mean %q?", name, slotLetter(strings.ToLower(name)))
	}
	return name, nil
}

// defaultSlot is the slot of a migration that names none. A name that would be
// too long is cut and gets a hash, so that two long keys stay two slots.
func defaultSlot(name, key string) string {
	slot := "sluice_" + name
	if key != "" {
		slot += "_" + key
	}
	valid := slotLetter(strings.ToLower(slot))
	if len(valid) <= longestSlot {
		return valid
	}
	sum := sha256.Sum256([]byte(slot))
	hash := hex.EncodeToString(sum[:4])
	return valid[:longestSlot-len(hash)-1] + "_" + hash
}

// slotLetter replaces what a slot name cannot have.
func slotLetter(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(slotLetters, r) {
			return r
		}
		return '_'
	}, name)
}
