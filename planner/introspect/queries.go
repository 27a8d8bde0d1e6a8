package introspect

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// query reads one kind of thing.
type query struct {
	what string // completes "reading …"
	sql  string
	take func(pgx.Rows) (answer, error)
}

// answer is what a query has found, to be added to a reader.
type answer func(*reader)

// each makes a query's take out of what is done with one row.
func each[Row any](add func(*reader, Row)) func(pgx.Rows) (answer, error) {
	return func(rows pgx.Rows) (answer, error) {
		chunks, err := collect[Row](rows)
		return func(r *reader) {
			for _, chunk := range chunks {
				for _, row := range chunk {
					add(r, row)
				}
			}
		}, err
	}
}

// facts come before all else: they say what else can be asked.
var facts = query{"the server's facts", serverSQL, each((*reader).addServer)}

// queries are all others but pin.sql and the optional ones, in the order in which
// their answers are added: tables come before what is attached to them, and what
// ties things together comes when all have an ID.
var queries = []query{
	{"the database's size", databaseSizeSQL, each((*reader).addDatabaseSize)},
	{"settings", settingsSQL, each((*reader).addSetting)},
	{"limits of connections", limitsSQL, each((*reader).addLimit)},
	{"replication slots", slotsSQL, each((*reader).addSlot)},
	{"keywords", keywordsSQL, each((*reader).addKeyword)},
	{"schemas", schemasSQL, each((*reader).addSchema)},
	{"what types and the like call", calledSQL, each((*reader).addCalled)},
	{"languages", languagesSQL, each((*reader).addLanguage)},
	{"access methods", accessMethodsSQL, each((*reader).addAccessMethod)},
	{"collations", collationsSQL, each((*reader).addCollation)},
	{"conversions", conversionsSQL, each((*reader).addConversion)},
	{"extensions", extensionsSQL, each((*reader).addExtension)},
	{"configuration tables of extensions", configurationTablesSQL, each((*reader).addExtensionTable)},
	{"enum types", enumsSQL, each((*reader).addEnum)},
	{"composite types", compositesSQL, each((*reader).addComposite)},
	{"attributes", attributesSQL, each((*reader).addAttribute)},
	{"range types", rangesSQL, each((*reader).addRange)},
	{"base types", basesSQL, each((*reader).addBase)},
	{"shell types", shellsSQL, each((*reader).addShell)},
	{"domains", domainsSQL, each((*reader).addDomain)},
	{"constraints of domains", domainChecksSQL, each((*reader).addDomainCheck)},
	{"functions", functionsSQL, each((*reader).addFunction)},
	{"casts", castsSQL, each((*reader).addCast)},
	{"transforms", transformsSQL, each((*reader).addTransform)},
	{"text search parsers", parsersSQL, each((*reader).addParser)},
	{"text search templates", templatesSQL, each((*reader).addTemplate)},
	{"text search dictionaries", dictionariesSQL, each((*reader).addDictionary)},
	{"text search configurations", configurationsSQL, each((*reader).addConfiguration)},
	{"mappings of text search configurations", tokenMappingsSQL, each((*reader).addTokenMapping)},
	{"aggregates", aggregatesSQL, each((*reader).addAggregate)},
	{"operators", operatorsSQL, each((*reader).addOperator)},
	{"operator families", operatorFamiliesSQL, each((*reader).addOperatorFamily)},
	{"operator classes", operatorClassesSQL, each((*reader).addOperatorClass)},
	{"members of operator classes", operatorMembersSQL, each((*reader).addOperatorMember)},
	{"tables", tablesSQL, each((*reader).addTable)},
	{"foreign-data wrappers", wrappersSQL, each((*reader).addWrapper)},
	{"foreign servers", foreignServersSQL, each((*reader).addForeignServer)},
	{"user mappings", userMappingsSQL, each((*reader).addUserMapping)},
	{"foreign tables", foreignTablesSQL, each((*reader).addForeignTable)},
	{"parents of tables", parentsSQL, each((*reader).addParent)},
	{"columns", columnsSQL, each((*reader).addColumn)},
	{"sequences", sequencesSQL, each((*reader).addSequence)},
	{"views", viewsSQL, each((*reader).addView)},
	{"materialized views", materializedViewsSQL, each((*reader).addMaterializedView)},
	{"columns of views", viewColumnsSQL, each((*reader).addViewColumn)},
	{"extended statistics", statisticsSQL, each((*reader).addStatistics)},
	{"rules", rulesSQL, each((*reader).addRule)},
	{"policies", policiesSQL, each((*reader).addPolicy)},
	{"triggers", triggersSQL, each((*reader).addTrigger)},
	{"copies of triggers", triggerCopiesSQL, each((*reader).addTriggerCopy)},
	{"event triggers", eventTriggersSQL, each((*reader).addEventTrigger)},
	{"publications", publicationsSQL, each((*reader).addPublication)},
	{"tables of publications", publishedTablesSQL, each((*reader).addPublished)},
	{"large objects", largeObjectsSQL, each((*reader).addLargeObjects)},
	{"default privileges", defaultPrivilegesSQL, each((*reader).addDefaultACL)},
	{"objects that are not carried over", othersSQL, each((*reader).addOther)},
	{"privileges on what is the system's", systemGrantsSQL, each((*reader).addOther)},
	{"privileges", grantsSQL, each((*reader).addGrant)},
	{"subscriptions", subscriptionsSQL, each((*reader).addOther)},
	{"indexes", indexesSQL, each((*reader).addIndex)},
	{"constraints", constraintsSQL, each((*reader).addConstraint)},
	{"security labels", securityLabelsSQL, each((*reader).addLabel)},
	{"parts of objects", partsSQL, each((*reader).addPart)},
	{"members of extensions", membersSQL, each((*reader).addMember)},
	{"what goes with extensions", extendedSQL, each((*reader).addExtended)},
	{"dependencies", dependsSQL, each((*reader).addDependency)},
}

// connection is one of the two that queries run on, where there are two.
type connection int

const (
	onFirst connection = iota
	onSecond
)

// connections says what does not run on the first one. The server is about as
// long busy with either part. To tell a table's size and to write its checks it
// opens the table, which takes long the first time in a session: one has both.
var connections = map[string]connection{
	databaseSizeSQL:   onSecond,
	calledSQL:         onSecond,
	aggregatesSQL:     onSecond,
	columnsSQL:        onSecond,
	sequencesSQL:      onSecond,
	systemGrantsSQL:   onSecond,
	indexesSQL:        onSecond,
	securityLabelsSQL: onSecond,
	partsSQL:          onSecond,
	membersSQL:        onSecond,
	extendedSQL:       onSecond,
	dependsSQL:        onSecond,
}

// queriesOf are those that a connection runs.
func queriesOf(c connection) (list []query) {
	for _, q := range queries {
		if connections[q.sql] == c {
			list = append(list, q)
		}
	}
	return list
}

var (
	//go:embed sql/pin.sql
	pinSQL string
	//go:embed sql/server.sql
	serverSQL string
	//go:embed sql/database_size.sql
	databaseSizeSQL string
	//go:embed sql/settings.sql
	settingsSQL string
	//go:embed sql/limits.sql
	limitsSQL string
	//go:embed sql/slots.sql
	slotsSQL string
	//go:embed sql/keywords.sql
	keywordsSQL string
	//go:embed sql/schemas.sql
	schemasSQL string
	//go:embed sql/called.sql
	calledSQL string
	//go:embed sql/languages.sql
	languagesSQL string
	//go:embed sql/access_methods.sql
	accessMethodsSQL string
	//go:embed sql/collations.sql
	collationsSQL string
	//go:embed sql/conversions.sql
	conversionsSQL string
	//go:embed sql/extensions.sql
	extensionsSQL string
	//go:embed sql/configuration_tables.sql
	configurationTablesSQL string
	//go:embed sql/available.sql
	availableSQL string
	//go:embed sql/libraries.sql
	librariesSQL string
	//go:embed sql/enums.sql
	enumsSQL string
	//go:embed sql/composites.sql
	compositesSQL string
	//go:embed sql/attributes.sql
	attributesSQL string
	//go:embed sql/ranges.sql
	rangesSQL string
	//go:embed sql/bases.sql
	basesSQL string
	//go:embed sql/shells.sql
	shellsSQL string
	//go:embed sql/domains.sql
	domainsSQL string
	//go:embed sql/domain_checks.sql
	domainChecksSQL string
	//go:embed sql/functions.sql
	functionsSQL string
	//go:embed sql/casts.sql
	castsSQL string
	//go:embed sql/transforms.sql
	transformsSQL string
	//go:embed sql/parsers.sql
	parsersSQL string
	//go:embed sql/templates.sql
	templatesSQL string
	//go:embed sql/dictionaries.sql
	dictionariesSQL string
	//go:embed sql/configurations.sql
	configurationsSQL string
	//go:embed sql/token_mappings.sql
	tokenMappingsSQL string
	//go:embed sql/aggregates.sql
	aggregatesSQL string
	//go:embed sql/operators.sql
	operatorsSQL string
	//go:embed sql/operator_families.sql
	operatorFamiliesSQL string
	//go:embed sql/operator_classes.sql
	operatorClassesSQL string
	//go:embed sql/operator_members.sql
	operatorMembersSQL string
	//go:embed sql/tables.sql
	tablesSQL string
	//go:embed sql/wrappers.sql
	wrappersSQL string
	//go:embed sql/foreign_servers.sql
	foreignServersSQL string
	//go:embed sql/user_mappings.sql
	userMappingsSQL string
	//go:embed sql/foreign_tables.sql
	foreignTablesSQL string
	//go:embed sql/parents.sql
	parentsSQL string
	//go:embed sql/columns.sql
	columnsSQL string
	//go:embed sql/sequences.sql
	sequencesSQL string
	//go:embed sql/views.sql
	viewsSQL string
	//go:embed sql/materialized_views.sql
	materializedViewsSQL string
	//go:embed sql/view_columns.sql
	viewColumnsSQL string
	//go:embed sql/indexes.sql
	indexesSQL string
	//go:embed sql/constraints.sql
	constraintsSQL string
	//go:embed sql/statistics.sql
	statisticsSQL string
	//go:embed sql/rules.sql
	rulesSQL string
	//go:embed sql/policies.sql
	policiesSQL string
	//go:embed sql/triggers.sql
	triggersSQL string
	//go:embed sql/trigger_copies.sql
	triggerCopiesSQL string
	//go:embed sql/event_triggers.sql
	eventTriggersSQL string
	//go:embed sql/publications.sql
	publicationsSQL string
	//go:embed sql/published_tables.sql
	publishedTablesSQL string
	//go:embed sql/large_objects.sql
	largeObjectsSQL string
	//go:embed sql/default_privileges.sql
	defaultPrivilegesSQL string
	//go:embed sql/grants.sql
	grantsSQL string
	//go:embed sql/security_labels.sql
	securityLabelsSQL string
	//go:embed sql/subscriptions.sql
	subscriptionsSQL string
	//go:embed sql/system_grants.sql
	systemGrantsSQL string
	//go:embed sql/others.sql
	othersSQL string
	//go:embed sql/parts.sql
	partsSQL string
	//go:embed sql/members.sql
	membersSQL string
	//go:embed sql/extended.sql
	extendedSQL string
	//go:embed sql/depends.sql
	dependsSQL string
)

// versioned is a line that is meant for some majors only.
var versioned = regexp.MustCompile(`(?m)^.* -- (from|before) (\d+)\n`)

// forMajor leaves out the lines of a query that are not meant for this major:
// one that ends in "-- from 14" is for 14 and later, one that ends in
// "-- before 14" for 13 and earlier.
func forMajor(sql string, major int) string {
	if !strings.Contains(sql, " -- from ") && !strings.Contains(sql, " -- before ") {
		return sql
	}
	return versioned.ReplaceAllStringFunc(sql, func(line string) string {
		mark := versioned.FindStringSubmatch(line)
		bound, err := strconv.Atoi(mark[2])
		if err != nil {
			panic("introspect: a major that is no number: " + line)
		}
		if (mark[1] == "from") != (major >= bound) {
			return ""
		}
		return line
	})
}
