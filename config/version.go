package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// release is major, minor, patch.
type release [3]int

var constraintForm = regexp.MustCompile(`^(>=|<=|~>|!=|=|>|<)?\s*v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$`)

// checkVersion compares this sluice with what the configuration requires.
func (l *loader) checkVersion(b *block) {
	required := get[string](b, "required_version")
	if required == "" {
		return
	}
	version := cmp.Or(l.in.Version, Version)
	ok, err := satisfies(version, required)
	switch {
	case err != nil:
		l.report.error(b.args["required_version"].rng, "Not a version constraint", sentence(err))
	case !ok:
		l.report.error(b.args["required_version"].rng, "Another version of sluice is required", fmt.Sprintf(
			"This is sluice %s, and the configuration requires %s.", version, required))
	}
}

// satisfies reports whether the version meets every constraint of a list
// such as ">= 0.1, < 2". What follows a version's hyphen is not compared.
func satisfies(version, constraints string) (bool, error) {
	version, _, _ = strings.Cut(version, "-")
	m := constraintForm.FindStringSubmatch(version)
	if m == nil {
		return false, fmt.Errorf("the version of this sluice, %q, cannot be read", version)
	}
	have, all := releaseOf(m), true
	for one := range strings.SplitSeq(constraints, ",") {
		m := constraintForm.FindStringSubmatch(strings.TrimSpace(one))
		if m == nil {
			return false, errors.New(`write constraints such as ">= 0.1", "~> 0.1.2" or ">= 0.1, < 2"`)
		}
		all = all && meets(have, m[1], releaseOf(m), m[3] == "", m[4] == "")
	}
	return all, nil
}

func meets(have release, operator string, want release, noMinor, noPatch bool) bool {
	order := slices.Compare(have[:], want[:])
	switch operator {
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "!=":
		return order != 0
	case "~>": // the last number given may grow
		fixed := 2
		if noPatch {
			fixed = 1
		}
		if noMinor {
			fixed = 0
		}
		return order >= 0 && slices.Equal(have[:fixed], want[:fixed])
	}
	return order == 0
}

func releaseOf(m []string) release {
	var r release
	for i := range r {
		r[i], _ = strconv.Atoi(m[i+2]) // empty counts as 0
	}
	return r
}
