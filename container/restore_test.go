//go:build unix

package container_test

import (
	"testing"

	"github.com/stepdeck/stepdeck/container/dbtest"
)

// A client may write names in ways that the restore test does not know. The databases that were
// dumped must not be what it restores into.
func TestARestoreTestStopsAtADatabaseThatIsNotScratch(t *testing.T) {
	server := dbtest.StartMariaDB(t)
	server.Seed(10)
	server.Query(dbtest.Database, "CREATE DATABASE second")
	b := newBucket(t)
	env := wrapper(t, append(b.env(), server.Env()...), "mariadb-dump", "set -o pipefail\nmariadb-dump \"$@\" | sed 's/^USE /USE  /'\n")
	got := job(t, env, "mysql-dump", "--restore-test", dbtest.Database, "second")
	if got.code == 0 {
		t.Fatal("the restore test passed")
	}
	got.wantEnd(t, got.code, "cannot be restored")
}
