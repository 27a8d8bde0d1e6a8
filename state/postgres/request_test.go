package postgres

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

func poll(t *testing.T, conn *pgx.Conn, id int64, after int) Reply {
	t.Helper()
	r, err := Poll(t.Context(), conn, id, after)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ask1(t *testing.T, conn *pgx.Conn, kind string, payload []byte) int64 {
	t.Helper()
	id, err := Ask(t.Context(), conn, crm, kind, payload)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestARequestIsAnswered(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	for name, m := range map[string]pgx.QueryExecMode{
		"prepared": pgx.QueryExecModeCacheStatement, "exec": pgx.QueryExecModeExec, "simple": pgx.QueryExecModeSimpleProtocol,
	} {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		config.DefaultQueryExecMode = m
		asker, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer hangUp(context.Background(), asker)

		payload := []byte{0, 1, '\'', 0xff}
		id := ask1(t, asker, "cutover", payload)
		if diff := cmp.Diff(Request{id, "cutover", payload}, await(t, s.Requests(), "request")); diff != "" {
			t.Error(diff)
		}
		for _, line := range []string{"gate", "fence\x00", "drain"} {
			if err := s.Say(t.Context(), id, line); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(Reply{Lines: []string{"fence�", "drain"}}, poll(t, asker, id, 1)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := s.Answer(t.Context(), id, `{"rows":1}`, "no way back"); err != nil {
			t.Fatal(err)
		}
		want := Reply{Lines: []string{}, Done: true, Result: `{"rows":1}`, Failure: "no way back"}
		if diff := cmp.Diff(want, poll(t, asker, id, 3)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRequestsComeOnceAndInOrder(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	hold(t, url, "migration.other")
	asker := dial(t, url)
	if _, err := Ask(t.Context(), asker, "migration.other", "verify", nil); err != nil {
		t.Fatal(err)
	}
	var want, got []int64
	for range 5 {
		want = append(want, ask1(t, asker, "verify", nil))
	}
	for range want {
		got = append(got, await(t, s.Requests(), "request").ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Several heartbeats later none of them has come again: the next is a new one.
	at := sandbox.Query(t, url, "select clock_timestamp() + interval '50 ms'")[0]
	until(t, url, "select heartbeat > $1::text::timestamptz from sluice.lease where address = $2", at, crm)
	id := ask1(t, asker, "cutover", nil)
	if r := await(t, s.Requests(), "request"); r.ID != id {
		t.Errorf("delivered is %+v, not %d", r, id)
	}
}

func TestARequestOutlivesItsHolder(t *testing.T) {
	t.Parallel()
	url := database(t)
	asker := dial(t, url)
	way := &line{url: url}
	old := holdOver(t, way.connect, crm)
	begun, answered, unseen := ask1(t, asker, "cutover", []byte("now")), ask1(t, asker, "verify", nil), int64(0)
	await(t, old.Requests(), "request")
	await(t, old.Requests(), "request")
	if err := errors.Join(old.Say(t.Context(), begun, "fence"), old.Answer(t.Context(), answered, "equal", "")); err != nil {
		t.Fatal(err)
	}
	way.orphan(t, old)
	unseen = ask1(t, asker, "verify", nil)

	s := hold(t, url, crm)
	first, second := await(t, s.Requests(), "request"), await(t, s.Requests(), "request")
	if first.ID != begun || string(first.Payload) != "now" || second.ID != unseen {
		t.Errorf("delivered are %+v and %+v, not %d and %d", first, second, begun, unseen)
	}
	if err := errors.Join(s.Say(t.Context(), begun, "open"), s.Answer(t.Context(), begun, "done", "")); err != nil {
		t.Fatal(err)
	}
	want := Reply{Lines: []string{"fence", "open"}, Done: true, Result: "done"}
	if diff := cmp.Diff(want, poll(t, asker, begun, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestAWithdrawnRequestIsNotDelivered(t *testing.T) {
	t.Parallel()
	url := database(t)
	if err := hold(t, url, crm).Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	asker := dial(t, url)
	first, second := ask1(t, asker, "cutover", nil), ask1(t, asker, "verify", nil)
	if err := Withdraw(t.Context(), asker, first); err != nil {
		t.Fatal(err)
	}
	if r := poll(t, asker, first, 0); !r.Done || r.Failure != "withdrawn" {
		t.Errorf("withdrawn reads %+v", r)
	}
	s := hold(t, url, crm)
	if r := await(t, s.Requests(), "request"); r.ID != second {
		t.Errorf("delivered is %+v, not %d", r, second)
	}
	if err := s.Answer(t.Context(), second, "equal", ""); err != nil {
		t.Fatal(err)
	}
	if err := Withdraw(t.Context(), asker, second); err != nil {
		t.Fatal(err)
	}
	if r := poll(t, asker, second, 0); !r.Done || r.Failure != "" || r.Result != "equal" {
		t.Errorf("answered, then withdrawn, reads %+v", r)
	}
}

func TestAskingNobodyIsAnError(t *testing.T) {
	t.Parallel()
	url := database(t)
	conn := dial(t, url)
	check := func(when string) {
		t.Helper()
		_, ask := Ask(t.Context(), conn, crm, "cutover", nil)
		_, poll := Poll(t.Context(), conn, 99, 0)
		for what, err := range map[string]error{"Ask": ask, "Poll": poll, "Withdraw": Withdraw(t.Context(), conn, 99)} {
			if !errors.Is(err, ErrUnknown) {
				t.Errorf("%s %s: %v", what, when, err)
			}
		}
	}
	check("without a schema")
	hold(t, url, "migration.other")
	check("of another migration")
}
