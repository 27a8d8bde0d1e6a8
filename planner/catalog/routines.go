package catalog

// Function is a function, procedure or window function.
type Function struct {
	Definition string // pg_get_functiondef
	Language   string
	Procedure  bool
	// Library is the file that a function in C comes from, without directory
	// and suffix.
	Library string
}

// Aggregate is an aggregate function. Functions and operators are
// schema-qualified and quoted, without arguments; empty: none.
type Aggregate struct {
	Args             string // pg_get_function_arguments: with names, modes and ORDER BY
	Kind             string // normal, ordered-set, hypothetical
	Transition       string
	StateType        string // format_type
	StateSize        int
	Final            string
	FinalExtra       bool
	FinalModify      string // read_only, shareable, read_write; empty: the kind's default, or no function
	Combine          string
	Serial           string
	Deserial         string
	Initial          *string
	MovingTransition string
	MovingInverse    string
	MovingStateType  string
	MovingStateSize  int
	MovingFinal      string
	MovingExtra      bool
	MovingModify     string
	MovingInitial    *string
	SortOperator     string // OPERATOR(schema.<)
	Parallel         string // restricted, safe; empty: unsafe
}

// Operator is an operator. Functions are schema-qualified and quoted, operators
// written OPERATOR(schema.=); empty: none. A shell, which another one only named
// as its commutator or negator, is no object: it comes with the one that names
// it, and the statement that makes it later fills it.
type Operator struct {
	// Left and Right are what format_type says. Left is empty of a prefix
	// operator, Right of a postfix one, which 14 abolished.
	Left, Right string
	Function    string
	Commutator  string
	Negator     string
	Restrict    string
	Join        string
	Hashes      bool
	Merges      bool
}

// OperatorFamily holds operators and functions for one access method: here only
// the loose ones, that are in none of its classes.
type OperatorFamily struct {
	Method  string
	Members []string // as ALTER OPERATOR FAMILY … ADD says them, sorted
}

// OperatorClass says how an access method treats a type.
type OperatorClass struct {
	Method  string
	Type    string // format_type
	Default bool
	Family  Name
	Storage string   // format_type; empty: the type's own
	Members []string // OPERATOR 1 …, FUNCTION 1 …, sorted by kind and number
}

// Language is a procedural language that no extension brought.
type Language struct {
	Trusted   bool
	Handler   string // schema-qualified and quoted
	Inline    string
	Validator string
}

// AccessMethod is one that no extension brought.
type AccessMethod struct {
	Type    string // table, index
	Handler string // schema-qualified and quoted
}

// EventTrigger fires for statements that define objects.
type EventTrigger struct {
	Event    string   // ddl_command_start, …
	Tags     []string // as WHEN TAG IN says them; none: all
	Function ID
	Enabled  string // origin, disabled, replica, always
}
