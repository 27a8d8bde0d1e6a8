package executor_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor/progress"
	"sluice/state"
)

// smallDisk is a tablespace of the server on a file system of its own; grow makes
// it large.
func smallDisk(t *testing.T, server *sandbox.Server) (tablespace string, grow func()) {
	t.Helper()
	dir := filepath.Join(server.Dir(), "small")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	grown := mount(t, dir, "size=20m")
	t.Cleanup(func() { // before the file system goes
		if err := server.Kill(); err != nil {
			t.Error(err)
		}
	})
	owner, err := os.Stat(filepath.Join(server.Dir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, int(owner.Sys().(*syscall.Stat_t).Uid), -1); err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, server.URL("postgres"), "create tablespace small location '"+dir+"'")
	return "small", func() { grown("size=400m") }
}

// mount mounts a file system of some size, and gives it another one.
func mount(t *testing.T, dir, size string) (grow func(size string)) {
	t.Helper()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, size)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this user may not mount a file system")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return func(size string) {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, size); err != nil {
			t.Error(err)
		}
	}
}

// A disk that is full is waited for: the state says so, and of what was copied
// nothing is copied again once there is room.
func TestAFullDiskIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWeather(t)
	tablespace, grow := smallDisk(t, w.targetServer)
	sandbox.Exec(t, w.targetServer.URL("postgres"), "create database small tablespace "+pgx.Identifier{tablespace}.Sanitize())
	w.target = w.targetServer.URL("small")
	sandbox.Exec(t, w.source, marksTable+threeWays+`
		insert into public.ctids select i, repeat('v', 500) from generate_series(20001, 40000) i;
		insert into public.keys select i, repeat('v', 500) from generate_series(40001, 60000) i;`)
	w.start(nil)
	full := func(st state.State) bool { return st.Phase == state.Retrying && strings.Contains(st.Error, "53100") }
	if err := w.until(w.ctx, full); err != nil {
		t.Fatal(err)
	}
	if shown := w.progress.Load().Snapshot().Retrying; shown == nil || !strings.Contains(shown.Reason, "53100") {
		t.Errorf("the progress says %+v", shown)
	}
	before := map[string][]string{"keys": w.chunks(t, "keys"), "ctids": w.chunks(t, "ctids")}
	grow()
	if err := w.until(w.ctx, inPhase(state.Following)); err != nil {
		t.Fatal(err)
	}
	w.same()
	w.notCopiedAgain(before)
	w.rest()
}

// A disk that is full under the spool is waited for as well: what could not be written
// was not acknowledged.
func TestAFullDiskUnderTheSpoolIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted+"insert into public.keyed values (0, 0); create table public.written (lsn pg_lsn primary key); create table public.bulk (id bigint generated always as identity primary key, v text)")
	grow := mount(t, l.spec.Spool, "size=2m")
	release := l.loading(nil)
	for range 30 {
		l.do("insert into public.bulk (v) select repeat('v', 1000) from generate_series(1, 300)")
	}
	l.do("insert into public.written values (pg_current_wal_lsn())")
	full := l.spoolStatus(func(s progress.Spool) bool { return s.Full != "" })
	if !strings.Contains(full.Full, syscall.ENOSPC.Error()) {
		t.Errorf("the progress says %+v", full)
	}
	if done, _, _ := l.confirmed(); done {
		t.Error("the slot was acknowledged beyond what the spool has")
	}
	grow("size=400m")
	for done := false; !done; {
		done, _, _ = l.confirmed()
	}
	release()
	l.comes(inPhase(state.Following))
	l.same()
	l.rest()
}
