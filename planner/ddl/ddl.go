package ddl

import (
	"fmt"
	"strings"

	"sluice/planner/catalog"
)

// The server_version_num that a word of ours depends on.
const (
	version14 = 140000 // has SET COMPRESSION
	version15 = 150000 // has CREATE UNLOGGED SEQUENCE
	version17 = 170000 // keeps NOT NULL of a domain as a constraint; a partition has its parent's identity
	version18 = 180000 // refuses UNLOGGED for a partitioned table; every NOT NULL is a constraint
)

// Create returns the statements that make o on a server of that
// server_version_num, in the order in which they must run. It is nil where
// there is nothing to run: for what is Unsupported, and for a constraint that
// comes by itself with the one on the parent table, unless it has a comment or
// is valid where the parent's is not.
func Create(o *catalog.Object, version int) []string {
	statements := create(o, version)
	if len(statements) == 0 {
		return nil
	}
	for _, extension := range o.Extensions {
		statements = append(statements, "alter "+dependent(o)+" depends on extension "+catalog.Quote(extension))
	}
	return statements
}

func create(o *catalog.Object, version int) []string {
	switch spec := o.Spec.(type) {
	case *catalog.Schema:
		return commented(o, "create schema "+catalog.Quote(o.ID.Name))
	case *catalog.Extension:
		return CreateExtension(o, spec.Version)
	case *catalog.Language:
		return commented(o, createLanguage(o, spec))
	case *catalog.AccessMethod:
		return commented(o, createAccessMethod(o, spec))
	case *catalog.Enum:
		return commented(o, createEnum(o, spec))
	case *catalog.Composite:
		return createComposite(o, spec)
	case *catalog.Range:
		return commented(o, createRange(o, spec, version))
	case *catalog.Base:
		return commented(o, createBase(o, spec))
	case *catalog.Shell:
		return commented(o, createShell(o))
	case *catalog.Domain:
		return createDomain(o, spec, version)
	case *catalog.Collation:
		return commented(o, createCollation(o, spec))
	case *catalog.Conversion:
		return commented(o, createConversion(o, spec))
	case *catalog.Cast:
		return commented(o, createCast(o, spec))
	case *catalog.Transform:
		return commented(o, createTransform(o, spec))
	case *catalog.Sequence:
		return commented(o, createSequence(o, spec, version))
	case *catalog.Function:
		return commented(o, createFunction(spec))
	case *catalog.Aggregate:
		return commented(o, createAggregate(o, spec))
	case *catalog.Operator:
		return createOperator(o, spec)
	case *catalog.OperatorFamily:
		return createOperatorFamily(o, spec)
	case *catalog.OperatorClass:
		return commented(o, createOperatorClass(o, spec))
	case *catalog.Parser:
		return commented(o, createParser(o, spec))
	case *catalog.Template:
		return commented(o, createTemplate(o, spec))
	case *catalog.Dictionary:
		return commented(o, createDictionary(o, spec))
	case *catalog.Configuration:
		return createConfiguration(o, spec)
	case *catalog.Wrapper:
		return commented(o, createWrapper(o, spec))
	case *catalog.ForeignServer:
		return commented(o, createForeignServer(o, spec))
	case *catalog.UserMapping:
		return []string{createUserMapping(o, spec)}
	case *catalog.Table:
		return createTable(o, spec, version)
	case *catalog.ForeignTable:
		return createForeignTable(o, spec, version)
	case *catalog.View:
		return createView(o, spec)
	case *catalog.MaterializedView:
		return createMaterializedView(o, spec, version)
	case *catalog.Index:
		return createIndex(o, spec)
	case *catalog.Statistics:
		return createStatistics(o, spec)
	case *catalog.Constraint:
		return createConstraint(o, spec, version)
	case *catalog.Rule:
		return createRule(o, spec)
	case *catalog.Policy:
		return commented(o, createPolicy(o, spec))
	case *catalog.Trigger:
		return createTrigger(o, spec)
	case *catalog.EventTrigger:
		return createEventTrigger(o, spec)
	case *catalog.Publication:
		return commented(o, createPublication(o, spec))
	case *catalog.DefaultACL:
		return createDefaultACL(o, spec)
	case *catalog.SecurityLabel:
		return []string{createSecurityLabel(o, spec)}
	case *catalog.LargeObjects, *catalog.Unsupported:
		return nil
	}
	panic(fmt.Sprintf("ddl: %s has a %T as spec", o.ID, o.Spec)) // the set of specs is closed
}

// Drop returns the statement that removes o and nothing else: without cascade,
// so that whatever still needs o stops it. It is empty for what goes with
// something else: where Create is nil, and for every constraint of the parent's.
// What was made in two steps, a base type or a range with a canonical function,
// is refused as long as its functions are there, and they as long as the type
// is: only CASCADE, which the caller must mean, drops the circle.
func Drop(o *catalog.Object) string {
	switch spec := o.Spec.(type) {
	case *catalog.Constraint:
		if comesWithParent(spec) {
			return ""
		}
		return "alter table " + o.ID.Relation().SQL() + " drop constraint " + catalog.Quote(o.ID.Name)
	case *catalog.DefaultACL:
		return dropDefaultACL(o, spec)
	case *catalog.SecurityLabel:
		return dropSecurityLabel(o, spec)
	case *catalog.LargeObjects, *catalog.Unsupported:
		return ""
	}
	return "drop " + reference(o)
}

// Comment returns the statement that sets the comment of o, also to none.
func Comment(o *catalog.Object) string {
	return "comment on " + reference(o) + " is " + catalog.Literal(o.Comment)
}

// dependent is what DEPENDS ON EXTENSION is said of: of a key it is the index.
func dependent(o *catalog.Object) string {
	if o.ID.Kind == catalog.KindConstraint {
		return "index " + o.ID.Qualified().SQL()
	}
	return reference(o)
}

// commented adds the object's comment to the statements that make it.
func commented(o *catalog.Object, statements ...string) []string {
	if o.Comment == "" {
		return statements
	}
	return append(statements, Comment(o))
}

// reference names an object as COMMENT ON, DROP and ALTER do, with its kind.
func reference(o *catalog.Object) string {
	kind, name := string(o.ID.Kind)+" ", o.ID.Qualified().SQL()
	switch o.ID.Kind {
	case catalog.KindConstraint, catalog.KindForeignKey:
		return "constraint " + catalog.Quote(o.ID.Name) + " on " + o.ID.Relation().SQL()
	case catalog.KindTrigger, catalog.KindRule, catalog.KindPolicy:
		return kind + catalog.Quote(o.ID.Name) + " on " + o.ID.Relation().SQL()
	case catalog.KindFunction:
		return routine(o)
	case catalog.KindAggregate:
		return kind + name + "(" + aggregateArgs(o.ID.Args) + ")"
	case catalog.KindOperator:
		return kind + operatorName(o.ID.Qualified()) + " (" + o.ID.Args + ")"
	case catalog.KindOperatorClass, catalog.KindOperatorFamily:
		return kind + name + " using " + catalog.Quote(o.ID.Args)
	case catalog.KindCast:
		cast := o.Spec.(*catalog.Cast)
		return kind + "(" + cast.Source + " as " + cast.Target + ")"
	case catalog.KindTransform:
		return kind + "for " + o.ID.Name + " language " + catalog.Quote(o.ID.Args)
	case catalog.KindLargeObject:
		return kind + o.ID.Name // its OID
	case catalog.KindUserMapping:
		return kind + "for " + role(o.ID.Name) + " server " + catalog.Quote(o.ID.Args)
	}
	return kind + name
}

// aggregateArgs are the arguments by which an aggregate is named: (*) where it
// has none.
func aggregateArgs(args string) string {
	if args == "" {
		return "*"
	}
	return args
}

// operatorName is a qualified operator; its own part is made of symbols that
// cannot be quoted.
func operatorName(n catalog.Name) string { return catalog.Quote(n.Schema) + "." + n.Local }

// role is a role as statements name it; public is no role and has no quotes.
func role(name string) string {
	if name == "" || name == "public" { // no role can be called public
		return "public"
	}
	return catalog.Quote(name)
}

// block puts items into parentheses, one a line.
func block(items []string) string {
	return "(\n  " + strings.Join(items, ",\n  ") + "\n)"
}
