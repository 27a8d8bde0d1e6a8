package executor_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"sluice/examples/sandbox"
)

// restrictedCases are for what a role and an encoding of its own may change.
var restrictedCases = []transformCase{
	{
		name: "letters that are other bytes on the two sides, and in the file",
		table: `create type public."Größe" as enum ('klein', 'groß', 'größer'); create schema ü; create domain ü.straße as text check (value <> 'ß');
			create function ü.ärger(v text) returns text immutable language sql as $$ select replace(v, 'ß', 'ä÷') $$;
			create table $t ("id_ñ" text collate "C" primary key, größe public."Größe", v ü.straße, j jsonb, big text); alter table $t alter big set storage external;
			insert into $t select 'ÿ' || chr(160 + i), case when i % 2 = 0 then 'groß' else 'klein' end::public."Größe", 'ß' || i, to_jsonb('é'::text), repeat('ö', 3000) from generate_series(1, 40) i`,
		rule: where(`größe > 'klein'::public."Größe" and v <> 'ß4' -- nur große`,
			value("v", `ü.ärger(v) || 'Ü' || left(big, 2)`), value("größe", `case when größe = 'groß' then 'größer'::public."Größe" else größe end`), retyped("j", "text", "j ->> 0"), added("straße", "text not null", `'Straße ¿' || "id_ñ"`)),
		changes: `update $t set größe = 'größer' where "id_ñ" = 'ÿ' || chr(161); update $t set größe = 'klein' where "id_ñ" = 'ÿ' || chr(162); update $t set v = 'ß4' where "id_ñ" = 'ÿ' || chr(166);
			update $t set "id_ñ" = 'à' || "id_ñ" where "id_ñ" > 'ÿ' || chr(180); insert into $t values ('ð', 'groß', 'þß', null, 'çç'), ('þ', 'klein', 'þß', null, 'ç'); delete from $t where "id_ñ" = 'ÿ' || chr(168)`,
		want: `select "id_ñ", case when größe = 'groß' then 'größer'::public."Größe" else größe end, ü.ärger(v) || 'Ü' || left(big, 2), j ->> 0, big, 'Straße ¿' || "id_ñ" from $t where größe > 'klein' and v <> 'ß4'`,
	},
	{
		name: "policies that hide every row from others than the owner, and force themselves on a role that may pass",
		table: `create table $t (id int primary key, v text, big text); alter table $t alter big set storage external; insert into $t select i, 'v' || i % 3, repeat('x', 3000) from generate_series(1, 30) i;
			create policy none on $t using (false); alter table $t enable row level security, force row level security`,
		rule:    where("v <> 'v0'", value("big", "left(big, 3) || v")),
		changes: "update $t set v = 'v0' where id = 1; update $t set v = 'w' where id in (3, 4); delete from $t where id = 5; insert into $t values (50, 'v0', 'y'), (51, 'v', 'y'); update $t set id = 60 where id = 6",
		want:    "select id, v, left(big, 3) || v from $t where v <> 'v0'",
	},
	{
		name: "literals that settings read and print in other ways",
		table: `create table $t (id int primary key, at timestamptz, d date, i interval, f float8, b bytea, n text);
			insert into $t select i, timestamptz '2026-03-04 00:00+00' + i * interval '1 hour', date '2026-03-04' + i, make_interval(months => i, days => -i), i / 3.0::float8, decode('00ff', 'hex'), nullif('n' || i, 'n4') from generate_series(1, 30) i`,
		rule: where(`at < timestamptz '2026-03-05 04:00+00' and d > date '2026-03-04' and i <> interval '1-2' and n is distinct from 'n\5'`,
			retyped("at", "text", "extract(day from at at time zone 'UTC')::int || '/' || extract(hour from at at time zone 'UTC')::int"), retyped("d", "timestamp", ""), retyped("i", "interval day", "i - interval '-1 day +02:03'"), retyped("f", "text", "f || ''"),
			value("b", `b || '\x01'`), added("slash", "text", `'a\b' || E'\\' || coalesce(n = null, false)`), added("elements", "text", `('{NULL,1}'::text[])[1]`)),
		changes: "update $t set at = at + interval '1 day' where id = 3; update $t set d = '2026-03-04' where id = 4; update $t set f = 0.1::float8 + 0.2::float8 where id = 7; insert into $t select 50, at, d, interval '-1 mon +3 days -04:05:06', 1e-300, '', null from $t where id = 8",
		want: `select id, extract(day from at at time zone 'UTC')::int || '/' || extract(hour from at at time zone 'UTC')::int, d::timestamp, (i - interval '-1 day +02:03')::interval day, f || '', b || '\x01', n, 'a\b' || E'\\' || coalesce(n = null, false), ('{NULL,1}'::text[])[1]
			from $t where at < timestamptz '2026-03-05 04:00+00' and d > date '2026-03-04' and i <> interval '1-2' and n is distinct from 'n\5'`,
	},
}

// The roles have what README says they need, and no more; they, and the databases,
// have settings of their own; and the source is of another encoding.
func TestTransformsOfRestrictedRoles(t *testing.T) {
	t.Parallel()
	l := &live{move: startEncoded(t, "LATIN1")}
	l.spec.LargeTable, l.chunkBytes = 1, 8<<10
	sandbox.Exec(t, l.source, "alter role current_user set client_encoding = 'UTF8'") // the test's own sessions
	for _, side := range []struct {
		url, rights string
		role        *string
	}{
		{l.source, "create role $role_owner; grant create on schema public to $role_owner; grant create on database $db to $role_owner, $role; alter role $role replication bypassrls; grant $role_owner to $role;", &l.sourceRole},
		{l.target, "grant create on database $db to $role; grant all on schema public to $role; alter role $role bypassrls; grant set on parameter session_replication_role to $role;", &l.targetRole},
	} {
		*side.role = "mover_" + databaseName(side.url)
		settings := maps.Clone(hostileSettings)
		delete(settings, "default_table_access_method")
		sql := "create role $role login;" + side.rights
		for name, value := range settings {
			sql += "alter role $role in database $db set " + name + " = " + value + ";"
		}
		sandbox.Exec(t, side.url, strings.NewReplacer("$role", *side.role, "$db", databaseOf(side.url)).Replace(sql))
	}
	t.Cleanup(func() {
		sandbox.Exec(t, l.target, fmt.Sprintf("reassign owned by %[1]s to current_user; drop owned by %[1]s; drop role %[1]s", l.targetRole))
	})
	cases := append([]transformCase{}, transformCases...)
	cases = append(cases, restrictedCases...)
	cases[0].table = fmt.Sprintf("alter table public.marks owner to %[1]s_owner; set role %[1]s_owner;", l.sourceRole) + cases[0].table
	l.transformed(t, cases, true)
}
