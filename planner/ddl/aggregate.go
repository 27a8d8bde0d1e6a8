package ddl

import (
	"fmt"

	"sluice/planner/catalog"
)

// createAggregate writes the parameters in the order of pg_dump, and only those
// that are not what they would be by default.
func createAggregate(o *catalog.Object, aggregate *catalog.Aggregate) string {
	parameters := parameterList{}
	parameters.add("sfunc", aggregate.Transition)
	parameters.add("stype", aggregate.StateType)
	parameters.number("sspace", aggregate.StateSize)
	parameters.literal("initcond", aggregate.Initial)
	parameters.add("finalfunc", aggregate.Final)
	parameters.flag("finalfunc_extra", aggregate.FinalExtra)
	parameters.add("finalfunc_modify", aggregate.FinalModify)
	parameters.add("combinefunc", aggregate.Combine)
	parameters.add("serialfunc", aggregate.Serial)
	parameters.add("deserialfunc", aggregate.Deserial)
	parameters.add("msfunc", aggregate.MovingTransition)
	parameters.add("minvfunc", aggregate.MovingInverse)
	parameters.add("mstype", aggregate.MovingStateType)
	parameters.number("msspace", aggregate.MovingStateSize)
	parameters.literal("minitcond", aggregate.MovingInitial)
	parameters.add("mfinalfunc", aggregate.MovingFinal)
	parameters.flag("mfinalfunc_extra", aggregate.MovingExtra)
	parameters.add("mfinalfunc_modify", aggregate.MovingModify)
	parameters.add("sortop", aggregate.SortOperator)
	parameters.flag("hypothetical", aggregate.Kind == "hypothetical")
	parameters.add("parallel", aggregate.Parallel)
	return "create aggregate " + o.ID.Qualified().SQL() + "(" + aggregateArgs(aggregate.Args) + ") " + block(parameters)
}

// parameterList is what stands in the parentheses of a CREATE for an aggregate
// or an operator.
type parameterList []string

// add adds what is already SQL, unless there is none.
func (p *parameterList) add(name, value string) {
	if value != "" {
		*p = append(*p, name+" = "+value)
	}
}

func (p *parameterList) literal(name string, value *string) {
	if value != nil { // nil: null; the empty string is a value
		*p = append(*p, name+" = "+catalog.Literal(*value))
	}
}

func (p *parameterList) number(name string, value int) {
	if value != 0 {
		*p = append(*p, fmt.Sprintf("%s = %d", name, value))
	}
}

func (p *parameterList) flag(name string, set bool) {
	if set {
		*p = append(*p, name)
	}
}
