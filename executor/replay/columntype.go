package replay

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"sluice/planner/catalog"
)

// targetTable is what the changes need to know of a table on the target.
type targetTable struct {
	columns map[string]columnType
	// acts: a trigger or a rule of it fires for a replica, too.
	acts   bool
	unique unique
}

// columnType is how values of a column of the target go in an array: its elements
// are read by the type's own input function, as a parameter by itself is. Names
// are without a modifier: that of the column counts.
type columnType struct {
	name  string // quoted, with its schema
	array string // of the type's arrays; "": it has none, is one itself, or unnest takes its values apart
	// cast: a user's function makes the type from text, and would be called in place of
	// the input function.
	cast bool
	// equals and collation are those of the key that the column is in: other types have
	// their operator in another schema, and an index may tell values apart that the
	// column's own collation does not.
	equals    string // "": the column is in none
	collation string // "": the column's own
	oid       uint32
	typmod    int32
	loose     bool // its collation takes texts for equal that are not the same
}

// inArrays says that values can go in an array.
func (t columnType) inArrays() bool { return t.name != "" && (t.array != "" || !t.cast) }

func (t columnType) parameter() string {
	if t.array == "" {
		return "pg_catalog.text[]"
	}
	return t.array
}

// value is an element as a value of the type.
func (t columnType) value(element string) string {
	if t.array == "" {
		return element + "::" + t.name
	}
	return element
}

// given is a parameter of the type, which the server could not tell from a comparison
// of rows.
func (t columnType) given(n int) string {
	parameter := "$" + strconv.Itoa(n)
	if t.name != "" {
		parameter += "::" + t.name
	}
	return parameter
}

// is is the condition that the column has a value, as its key compares them.
func (t columnType) is(column, value string) string {
	if t.collation != "" {
		column += " collate " + t.collation
	}
	if t.equals == "" {
		return column + " = " + value
	}
	return column + " " + t.equals + " " + value
}

// targetTables reads tables of the target. A key is the replica identity's before
// others, since changes find rows by that.
func targetTables(ctx context.Context, conn *pgx.Conn, tables []*Table) (map[catalog.Name]targetTable, error) {
	var schemas, names []string
	for _, t := range tables {
		schemas, names = append(schemas, t.Name.Schema), append(names, t.Name.Local)
	}
	unique, err := uniqueKeys(ctx, conn, tables)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `
		select n.nspname, c.relname, a.attname,
			quote_ident(tn.nspname) || '.' || quote_ident(t.typname),
			case when t.typdelim = ',' and t.typcategory <> 'C' and (t.typelem = 0 or t.typlen <> -1) then quote_ident(arn.nspname) || '.' || quote_ident(ar.typname) else '' end,
			exists (select from pg_cast k where k.castsource = 'text'::regtype and k.casttarget in (t.oid, t.typbasetype) and k.castmethod = 'f' and k.oid >= 16384),
			coalesce(key.equals, ''), coalesce(key.collated, ''),
			exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgenabled in ('A', 'R'))
				or exists (select from pg_rewrite w where w.ev_class = c.oid and w.ev_enabled in ('A', 'R')),
			a.atttypid, a.atttypmod, coalesce(not (to_jsonb(own) ->> 'collisdeterministic')::boolean, false) -- from 12 on
		from unnest($1::text[], $2::text[]) as wanted(schema, name)
		join pg_namespace n on n.nspname = wanted.schema
		join pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		join pg_type t on t.oid = a.atttypid
		join pg_namespace tn on tn.oid = t.typnamespace
		left join pg_collation own on own.oid = a.attcollation
		left join pg_type ar on ar.oid = t.typarray
		left join pg_namespace arn on arn.oid = ar.typnamespace
		left join lateral (
			select 'operator(' || quote_ident(opn.nspname) || '.' || op.oprname || ')' as equals,
				quote_ident(con.nspname) || '.' || quote_ident(co.collname) as collated
			from pg_index i
			cross join unnest(i.indkey, i.indclass, i.indcollation) as k(attnum, class, collated)
			join pg_opclass oc on oc.oid = k.class
			join pg_amop ao on ao.amopfamily = oc.opcfamily and ao.amoplefttype = oc.opcintype and ao.amoprighttype = oc.opcintype and ao.amopstrategy = 3 -- a btree's equality
			join pg_operator op on op.oid = ao.amopopr
			join pg_namespace opn on opn.oid = op.oprnamespace
			left join pg_collation co on co.oid = k.collated and co.oid <> a.attcollation
			left join pg_namespace con on con.oid = co.collnamespace
			where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indpred is null and k.attnum = a.attnum
			order by i.indisreplident desc, i.indisprimary desc
			limit 1
		) as key on true`, schemas, names)
	if err != nil {
		return nil, err
	}
	found := map[catalog.Name]targetTable{}
	var table catalog.Name
	var column string
	var array *string
	var t columnType
	var acts bool
	_, err = pgx.ForEachRow(rows, []any{&table.Schema, &table.Local, &column, &t.name, &array, &t.cast, &t.equals, &t.collation, &acts, &t.oid, &t.typmod, &t.loose}, func() error {
		if _, known := found[table]; !known {
			found[table] = targetTable{columns: map[string]columnType{}, acts: acts, unique: unique[table]}
		}
		t.array = ""
		if array != nil {
			t.array = *array
		}
		found[table].columns[column] = t
		return nil
	})
	return found, err
}
