//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
)

// This file is what changes are raced over: tables as they are on both sides before, and what is then written on the
// source. Nobody waits for these commits, so they need no durable WAL each; mark makes all of it durable.

// marker is one more table, whose row is written last.
var marker = table{
	name:    "marker",
	columns: "id int not null, n int",
	rows:    "select 1, 0",
	indexes: []string{"alter table public.marker add primary key (id)"},
}

// branches is the scale of pgbench's tables for so many transactions: its 10 in all but tests.
func branches(transactions int) int { return min(max(transactions/1000, 1), 10) }

// accounts are the tables of pgbench. Its history has no key, and sluice does not follow a table whose updates it could
// not; an identity that no update uses costs nobody anything.
func accounts(transactions int) []table {
	tables := pgbench(branches(transactions))
	history := &tables[len(tables)-1]
	history.indexes = []string{"alter table public.pgbench_history replica identity full"}
	return append(tables, marker)
}

// writeTransactions has pgbench do it, four at a time, so that they overlap in the WAL; where it is not installed, one
// after another.
func writeTransactions(ctx context.Context, url string, transactions int) error {
	const clients = 4
	if _, err := exec.LookPath("pgbench"); err != nil || transactions%clients != 0 {
		return transact(ctx, url, transactions)
	}
	cmd := exec.CommandContext(ctx, "pgbench", "--no-vacuum", "--protocol=prepared", fmt.Sprintf("--client=%d", clients),
		fmt.Sprintf("--transactions=%d", transactions/clients), hurried(url))
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running pgbench: %w\n%s", err, last(string(said)))
	}
	return nil
}

// transact is the script of pgbench that is called TPC-B (sort of):
// https://www.postgresql.org/docs/current/pgbench.html#TRANSACTIONS-AND-SCRIPTS
func transact(ctx context.Context, url string, transactions int) error {
	return do(ctx, url, `
declare
	scale int := %d;
	account int;
	branch int;
	teller int;
	delta int;
begin
	for i in 1..%d loop
		account := 1 + floor(random() * 100000 * scale);
		branch := 1 + floor(random() * scale);
		teller := 1 + floor(random() * 10 * scale);
		delta := floor(random() * 10001) - 5000;
		update public.pgbench_accounts set abalance = abalance + delta where aid = account;
		perform abalance from public.pgbench_accounts where aid = account;
		update public.pgbench_tellers set tbalance = tbalance + delta where tid = teller;
		update public.pgbench_branches set bbalance = bbalance + delta where bid = branch;
		insert into public.pgbench_history (tid, bid, aid, delta, mtime) values (teller, branch, account, delta, current_timestamp);
		commit;
	end loop;
end`, branches(transactions), transactions)
}

// many is over how many tables updates are scattered.
const many = 100

// scattered has two rows for each update, so that none is updated twice: what is done to one row again and again could
// be done once.
func scattered(updates int) (tables []table) {
	for i := range many {
		tables = append(tables, keyed(fmt.Sprintf("updates_%d", i), rowsEach(updates)))
	}
	return append(tables, marker)
}

func rowsEach(updates int) int { return max(2*updates/many, 1) }

func writeUpdates(ctx context.Context, url string, updates int) error {
	return do(ctx, url, `
begin
	for i in 0..%[1]d - 1 loop
		execute format('update public.updates_%%s set parent = parent + 1 where id = $1', i %% %[2]d)
			using 1 + i / %[2]d * 7919::bigint %% %[3]d;
		if i %% 10 = 9 then
			commit;
		end if;
	end loop;
end`, updates, many, rowsEach(updates))
}

// growing is filled by the changes.
func growing(int) []table { return []table{keyed("growing", 0), marker} }

func writeInserts(ctx context.Context, url string, rows int) error {
	return do(ctx, url, `
begin
	for low in 1..%d by 1000 loop
		insert into public.growing %s;
		commit;
	end loop;
end`, rows, keyedRows("low", fmt.Sprintf("least(low + 999, %d)", rows)))
}

func writeGiant(ctx context.Context, url string, rows int) error {
	return execute(ctx, hurried(url), "insert into public.growing "+keyedRows(1, rows))
}

// shrinking keeps half of its rows.
func shrinking(deletes int) []table { return []table{keyed("shrinking", 2*deletes), marker} }

func writeDeletes(ctx context.Context, url string, deletes int) error {
	return do(ctx, url, `
begin
	for low in 1..%[1]d by 1000 loop
		delete from public.shrinking where id = any (array(
			select 1 + n * 7919 %% (2 * %[1]d) from generate_series(low::bigint, least(low + 999, %[1]d)) n));
		commit;
	end loop;
end`, deletes)
}

// ticking is filled while racers follow.
func ticking(int) []table {
	return []table{{
		name:    "ticks",
		columns: "n int not null, at timestamptz",
		rows:    "select 0, null::timestamptz",
		indexes: []string{"alter table public.ticks add primary key (n)"},
	}, marker}
}

// do runs a block that may commit.
func do(ctx context.Context, url, block string, args ...any) error {
	return execute(ctx, hurried(url), "do $$"+fmt.Sprintf(block, args...)+"$$")
}

// hurried is for sessions that do not wait for their WAL.
func hurried(url string) string { return url + "&options=-c%20synchronous_commit%3Doff" }
