package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/state"
)

func TestLoadFindsNothingAndWritesNothing(t *testing.T) {
	t.Parallel()
	url := database(t)
	check := func(when string) {
		t.Helper()
		conn := dial(t, url)
		err := pgx.BeginTxFunc(t.Context(), conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			st, err := Load(t.Context(), tx.Conn(), crm)
			if diff := cmp.Diff(state.State{}, st); diff != "" || st.Exists() {
				t.Errorf("%s: the state is not zero:\n%s", when, diff)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	check("without a schema")
	if states, err := List(t.Context(), dial(t, url)); err != nil || len(states) != 0 {
		t.Errorf("List gives %v, %v", states, err)
	}
	sandbox.Exec(t, url, "create schema sluice")
	check("in an empty schema")
	hold(t, url, "migration.other")
	check("beside another migration")
}

func TestListIsInOrderOfAddress(t *testing.T) {
	t.Parallel()
	url := database(t)
	for _, address := range []string{"b", "a", "B"} {
		s := hold(t, url, address)
		if err := s.Write(t.Context(), s.StepDone("of "+address, "")); err != nil {
			t.Fatal(err)
		}
	}
	states, err := List(t.Context(), dial(t, url))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range states {
		got = append(got, st.Address)
		if !st.Done("of "+st.Address) || len(st.Steps) != 1 {
			t.Errorf("%s has steps %v", st.Address, st.Steps)
		}
	}
	if diff := cmp.Diff([]string{"B", "a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}
