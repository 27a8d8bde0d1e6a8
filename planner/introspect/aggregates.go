package introspect

import "sluice/planner/catalog"

type aggregateRow struct {
	named
	Args             string
	Arguments        string
	Kind             string
	Transition       []string // names of functions and operators: schema and name, or nothing
	StateType        string
	StateSize        int
	Final            []string
	FinalExtra       bool
	FinalModify      string
	Combine          []string
	Serial           []string
	Deserial         []string
	Initial          *string
	MovingTransition []string
	MovingInverse    []string
	MovingStateType  string
	MovingStateSize  int
	MovingFinal      []string
	MovingExtra      bool
	MovingModify     string
	MovingInitial    *string
	SortOperator     []string
	Parallel         string
}

// The letters of pg_aggregate and pg_proc, in words.
var (
	aggregateWords = map[string]string{"n": "normal", "o": "ordered-set", "h": "hypothetical"}
	modifyWords    = map[string]string{"r": "read_only", "s": "shareable", "w": "read_write"}
	parallelWords  = map[string]string{"s": "safe", "r": "restricted"}
)

func (r *reader) addAggregate(row aggregateRow) {
	id := catalog.ID{Kind: catalog.KindAggregate, Schema: row.Schema, Name: row.Name, Args: row.Args}
	r.add(classProc, row.named, id, &catalog.Aggregate{
		Args:             row.Arguments,
		Kind:             aggregateWords[row.Kind],
		Transition:       pair(row.Transition),
		StateType:        row.StateType,
		StateSize:        row.StateSize,
		Final:            pair(row.Final),
		FinalExtra:       row.FinalExtra && len(row.Final) > 0,
		FinalModify:      modify(row.Kind, row.Final, row.FinalModify),
		Combine:          pair(row.Combine),
		Serial:           pair(row.Serial),
		Deserial:         pair(row.Deserial),
		Initial:          row.Initial,
		MovingTransition: pair(row.MovingTransition),
		MovingInverse:    pair(row.MovingInverse),
		MovingStateType:  row.MovingStateType,
		MovingStateSize:  row.MovingStateSize,
		MovingFinal:      pair(row.MovingFinal),
		MovingExtra:      row.MovingExtra && len(row.MovingFinal) > 0,
		MovingModify:     modify(row.Kind, row.MovingFinal, row.MovingModify),
		MovingInitial:    row.MovingInitial,
		SortOperator:     operator(row.SortOperator),
		Parallel:         parallelWords[row.Parallel],
	})
}

// modify is what a final function does to the state, where that is not what
// the kind's final functions do by default.
// https://www.postgresql.org/docs/current/sql-createaggregate.html
func modify(kind string, final []string, letter string) string {
	usual := "w"
	if kind == "n" {
		usual = "r"
	}
	if len(final) == 0 || letter == usual {
		return ""
	}
	return modifyWords[letter]
}

// pair is a schema and a name as SQL, empty where there is none.
func pair(names []string) string {
	if len(names) != 2 {
		return ""
	}
	return quoted(names[0], names[1])
}

// operator is an operator as SQL, empty where there is none: the symbols of its
// own name cannot be quoted.
func operator(names []string) string {
	if len(names) != 2 || names[1] == "" {
		return ""
	}
	return name(names[0], names[1]).OperatorSQL()
}
