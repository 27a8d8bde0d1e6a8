package postgres

import (
	"errors"
	"slices"
	"testing"

	"sluice/examples/sandbox"
)

// relations are those in schema sluice; no row where there is no such schema.
func relations(t *testing.T, url string) []string {
	t.Helper()
	return sandbox.Query(t, url, `select c.relname from pg_namespace n left join pg_class c
		on c.relnamespace = n.oid and c.relkind in ('r', 'v') where n.nspname = 'sluice' order by 1`)
}

func TestForgetRemovesOneMigrationAndAtLastTheSchema(t *testing.T) {
	t.Parallel()
	url := database(t)
	first, second := hold(t, url, crm), hold(t, url, "migration.other")
	for _, s := range []*Store{first, second} {
		for name, r := range records(s) {
			if name == "TableRestart" || name == "Paused" { // which need others
				continue
			}
			if err := s.Write(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Ask(t.Context(), dial(t, url), s.address, "verify", nil); err != nil {
			t.Fatal(err)
		}
	}
	late := records(first)
	if err := first.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range relations(t, url) {
		if name == "format" {
			continue
		}
		for _, address := range sandbox.Query(t, url, "select address from sluice."+name) {
			if address == crm {
				t.Errorf("sluice.%s still has a row of it", name)
			}
		}
	}
	for name, r := range late {
		if n := execute(t, dial(t, url), r); n != 0 {
			t.Errorf("%s after Forget hit %d rows", name, n)
		}
	}
	if st := loaded(t, url, "migration.other"); len(st.Steps) != 2 || len(st.Chunks) != 1 || !st.Lease.Live {
		t.Errorf("the other migration is %+v", st)
	}
	if err := errors.Join(first.Release(t.Context()), second.Forget(t.Context()), second.Release(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := relations(t, url); len(got) != 0 {
		t.Errorf("schema sluice is still there, with %v", got)
	}
	if st := loaded(t, url, crm); st.Exists() {
		t.Errorf("the state is %+v", st)
	}
	if s := hold(t, url, crm); s.Epoch() <= first.Epoch() {
		t.Errorf("a new migration begins with epoch %d, and one of %d was there", s.Epoch(), first.Epoch())
	}
}

func TestForgetLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make string
		want []string
	}{
		"a table in the schema": {"create table sluice.notes (line text)", []string{"notes"}},
		"a view on the state": {"create view public.mine as select phase from sluice.status", []string{
			"certificate", "chunk", "event", "followed", "format", "holder", "lease", "migration", "progress", "quarantine", "request", "spool", "status", "step"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			s := hold(t, url, crm)
			sandbox.Exec(t, url, c.make)
			if err := s.Forget(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := relations(t, url); !slices.Equal(got, c.want) {
				t.Errorf("left is %v", got)
			}
			if st := loaded(t, url, crm); st.Exists() {
				t.Errorf("the state is %+v", st)
			}
			hold(t, url, "migration.next")
		})
	}
}

func TestForgetIsFenced(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	sandbox.Exec(t, url, "update sluice.migration set epoch = epoch + 1")
	if err := s.Forget(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("Forget: %v", err)
	}
	if st := loaded(t, url, crm); !st.Exists() {
		t.Error("a stale process has removed the state")
	}
}

func TestForgetBesideAcquireOfAnother(t *testing.T) {
	t.Parallel()
	url := database(t)
	for range 10 {
		s := hold(t, url, crm)
		other := make(chan error, 1)
		go func() {
			o, err := Acquire(t.Context(), connector(url), Options{Address: "migration.other"})
			if err == nil {
				err = errors.Join(o.Forget(t.Context()), o.Release(t.Context()))
			}
			other <- err
		}()
		if err := errors.Join(s.Forget(t.Context()), s.Release(t.Context()), await(t, other, "other migration")); err != nil {
			t.Fatal(err)
		}
		if got := relations(t, url); len(got) != 0 {
			t.Fatalf("schema sluice is still there, with %v", got)
		}
	}
}
