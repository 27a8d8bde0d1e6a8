package introspect

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

// manyTables makes 5,000 of them with what tables usually have: a key, an index, a check and a foreign key.
const manyTables = `
do $$
begin
  create table t (id bigint primary key);
  for i in 1 .. 4999 loop
    execute format('create table t%s (id bigserial primary key, t_id bigint not null references t, name text not null,
      email varchar(200), price numeric(12,2) check (price >= 0), tags text[], at timestamptz default now(), note text,
      kind int, flag boolean)', i);
    execute format('create index on t%s (t_id)', i);
    if i % 500 = 0 then
      commit; -- the locks of 5,000 tables do not fit into one transaction
    end if;
  end loop;
end
$$`

func BenchmarkRead(b *testing.B) {
	url := sandbox.Shared(b, 0, "source").Database(b)
	sandbox.Exec(b, url, manyTables)
	sandbox.Exec(b, url, "vacuum analyze")
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	for b.Loop() {
		c, err := Read(b.Context(), conn)
		if err != nil {
			b.Fatal(err)
		}
		if len(c.Objects) < 25000 {
			b.Fatalf("read %d objects", len(c.Objects))
		}
	}
}
