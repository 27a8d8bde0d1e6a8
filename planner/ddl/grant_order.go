package ddl

import "sluice/planner/catalog"

// waves puts grants into an order in which each can be made: first the owner's,
// then those of the roles that have got the grant option by then, and so on.
// What nobody could have granted comes last, for the server to refuse.
func waves(grants []catalog.Grant) [][]catalog.Grant {
	type option struct{ column, role, privilege string }
	options := map[option]bool{}
	may := func(g catalog.Grant) bool {
		return g.FromOthers == "" || options[option{g.Column, g.FromOthers, g.Privilege}] ||
			options[option{"", g.FromOthers, g.Privilege}] // of the whole: of each column
	}
	var waves [][]catalog.Grant
	for rest := grants; len(rest) > 0; {
		var wave, later []catalog.Grant
		for _, g := range rest {
			if may(g) {
				wave = append(wave, g)
			} else {
				later = append(later, g)
			}
		}
		if len(wave) == 0 {
			return append(waves, later)
		}
		for _, g := range wave {
			if g.Grantable {
				options[option{g.Column, g.Grantee, g.Privilege}] = true
			}
		}
		waves, rest = append(waves, wave), later
	}
	return waves
}

// joined groups grants that one statement can make, each group where its first is.
func joined(grants []catalog.Grant) [][]catalog.Grant {
	place := map[catalog.Grant]int{} // by all but the privilege
	var groups [][]catalog.Grant
	for _, g := range grants {
		key := g
		key.Privilege = ""
		i, ok := place[key]
		if !ok {
			i = len(groups)
			place[key], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], g)
	}
	return groups
}
