package executor_test

import (
	"testing"

	"sluice/examples/sandbox"
)

// An index on a partitioned table with a foreign partition is as valid on the
// target as on the source; restored in the order of pg_dump it is not.
func TestAnIndexAboveAForeignPartitionIsValid(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false
	sandbox.Exec(t, m.source, `
		create foreign data wrapper w;
		create server s foreign data wrapper w;
		create table p (id int not null, region text) partition by list (region);
		create table p_eu partition of p for values in ('eu');
		create foreign table p_us partition of p for values in ('us') server s;
		create index p_id on p (id);
		alter table p add constraint positive check (id > 0)`)
	m.everythingGoes(t)
	if valid := sandbox.Query(t, m.target, "select indisvalid from pg_index where indexrelid = 'p_id'::regclass"); valid[0] != "t" {
		t.Errorf("the index is valid: %s", valid)
	}
}
