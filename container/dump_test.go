//go:build unix

package container_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/container/dbtest"
)

// unpacked returns an object's content, by the suffix of its key.
func unpacked(t *testing.T, b *bucket, key string) []byte {
	t.Helper()
	words := map[string][]string{".zst": {"zstd", "-dcq"}, ".gz": {"gzip", "-dc"}}[filepath.Ext(key)]
	if words == nil {
		return b.get(key)
	}
	return pipeThrough(t, b.get(key), nil, words...)
}

func pipeThrough(t *testing.T, content []byte, env []string, words ...string) []byte {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin = bytes.NewReader(content)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", words, err, stderr.String())
	}
	return out
}

// kind is one of the databases, with what its job and its clients are called.
type kind struct {
	name, job, dumper string
	start             func(testing.TB) *dbtest.Server
	suffix            string
	qualified         string // a table as the job's options want it
	badLogin          int    // the client's exit code
	objects           string // what a restore test counts
	databases         string // SQL
}

var kinds = []kind{
	{
		"mariadb", "mysql-dump", "mariadb-dump",
		func(t testing.TB) *dbtest.Server { return dbtest.StartMariaDB(t) },
		".sql", "shop.customers", 1, "tables 3 views 1 routines 2 triggers 1 events 1",
		"SELECT schema_name FROM information_schema.schemata",
	},
	{
		"postgres", "postgres-dump", "pg_dump",
		func(t testing.TB) *dbtest.Server { return dbtest.StartPostgres(t) },
		".dump", "public.customers", 2, "tables 3 views 1 sequences 1 routines 2 triggers 1",
		"SELECT datname FROM pg_database",
	},
}

// restoreInto restores a dump with the database's own client, as its owner would.
func restoreInto(t *testing.T, k kind, server *dbtest.Server, database string, dump []byte) {
	t.Helper()
	server.Query(dbtest.Database, "CREATE DATABASE "+database)
	port := fmt.Sprint(server.Port)
	if k.name == "mariadb" {
		pipeThrough(t, dump, []string{"MYSQL_PWD=" + dbtest.Password}, "mariadb", "--no-defaults", "--protocol=TCP",
			"--host=127.0.0.1", "--port="+port, "--user="+dbtest.User, "--skip-ssl", database)
		return
	}
	pipeThrough(t, dump, []string{"PGPASSWORD=" + dbtest.Password}, "pg_restore", "--host=127.0.0.1", "--port="+port,
		"--username="+dbtest.User, "--exit-on-error", "--dbname="+database)
}

func TestDumps(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			server := k.start(t)
			server.Seed(2000)
			t.Run("whole", func(t *testing.T) { dumpWhole(t, k, server) })
			t.Run("choices", func(t *testing.T) { dumpChoices(t, k, server) })
			t.Run("strange names", func(t *testing.T) { dumpStrangeNames(t, k, server) })
			t.Run("restore test", func(t *testing.T) { dumpRestoreTest(t, k, server) })
			t.Run("refusals", func(t *testing.T) { dumpRefusals(t, k, server) })
			t.Run("failures", func(t *testing.T) { dumpFailures(t, k, server) })
			t.Run("options", func(t *testing.T) { dumpOptions(t, k, server) })
		})
	}
}

func dumpWhole(t *testing.T, k kind, server *dbtest.Server) {
	for _, c := range []struct{ compress, suffix string }{{"zstd", ".zst"}, {"gzip", ".gz"}, {"none", ""}} {
		b := newBucket(t)
		got := job(t, append(b.env(), server.Env()...), k.job, "--compress", c.compress)
		got.wantEnd(t, 0, "")
		keys := b.keys()
		if len(keys) != 1 || !strings.HasSuffix(keys[0], k.suffix+c.suffix) || !strings.HasPrefix(keys[0], "dumps/shop/") {
			t.Fatalf("%s: objects are %v", c.compress, keys)
		}
		got.wantOutput(t, map[string]string{
			"bucket": "backups", "key": keys[0], "bytes": fmt.Sprint(len(b.get(keys[0]))), "tables": "3", "rows": "4000", "verified": "true",
		})
		if len(got.output["sha256"]) != 64 {
			t.Errorf("sha256 is %q", got.output["sha256"])
		}
		dump := unpacked(t, b, keys[0])
		if bytes.Contains(dump[:100], []byte("sandbox")) {
			t.Errorf("the dump begins with the line that older clients refuse: %s", dump[:100])
		}
		copied := "copy_" + c.compress
		restoreInto(t, k, server, copied, dump)
		if diff := cmp.Diff(server.Checksums(dbtest.Database), server.Checksums(copied)); diff != "" {
			t.Errorf("%s: restored rows differ: %s", c.compress, diff)
		}
	}
}

func dumpChoices(t *testing.T, k kind, server *dbtest.Server) {
	for _, c := range []struct {
		name         string
		options      []string
		tables, rows string
	}{
		{"one table", []string{"--tables", k.qualified}, "1", "2000"},
		{"two tables", []string{"--tables", "customers,audit"}, "2", "2000"},
		{"without a table", []string{"--exclude-table=orders"}, "2", "2000"},
		{"a table without its rows", []string{"--schema-only", "orders"}, "3", "2000"},
		{"without reading back", []string{"--no-verify"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBucket(t)
			got := job(t, append(b.env(), server.Env()...), append([]string{k.job}, c.options...)...)
			got.wantEnd(t, 0, "")
			got.wantOutput(t, map[string]string{"tables": c.tables, "rows": c.rows})
		})
	}
	t.Run("all databases", func(t *testing.T) {
		server.Query(dbtest.Database, "CREATE DATABASE annex")
		server.Query("annex", "CREATE TABLE one (n INT)")
		server.Query("annex", "INSERT INTO one VALUES (1)")
		b := newBucket(t)
		got := job(t, append(b.env(), server.Env()...), k.job, "annex", "shop", "--restore-test")
		got.wantEnd(t, 0, "")
		got.wantOutput(t, map[string]string{"tables": "4", "rows": "4001", "restored": "true"})
	})
	t.Run("a name of one's own", func(t *testing.T) {
		b := newBucket(t)
		job(t, append(b.env(), server.Env()...), k.job, "--to=s3://backups/else/", "--name", "{database}-latest").wantEnd(t, 0, "")
		if diff := cmp.Diff([]string{"else/shop-latest" + k.suffix + ".zst"}, b.keys()); diff != "" {
			t.Error(diff)
		}
	})
}

// dumpStrangeNames is about names that mean something to shells, SQL and regular expressions.
func dumpStrangeNames(t *testing.T, k kind, server *dbtest.Server) {
	quoted := func(name string) string {
		mark := map[string]string{"mariadb": "`", "postgres": `"`}[k.name]
		return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
	}
	const database, table = "it's für {a} & \"b\" `c` $d [e] \\f", "o'dd 日 & \"t\" `u` $(v) [w] \\x"
	server.Query(dbtest.Database, "CREATE DATABASE "+quoted(database))
	defer server.Query(dbtest.Database, "DROP DATABASE "+quoted(database))
	server.Query(database, "CREATE TABLE "+quoted(table)+" (n INT); INSERT INTO "+quoted(table)+" VALUES (1), (2)")
	b := newBucket(t)
	got := job(t, append(b.env(), server.Env()...), k.job, "--restore-test", "--name", "{database}/latest", database)
	got.wantEnd(t, 0, "")
	got.wantOutput(t, map[string]string{"tables": "1", "rows": "2", "restored": "true"})
	if keys := b.keys(); len(keys) != 1 || !strings.Contains(keys[0], "{a}") || !strings.Contains(keys[0], "&") {
		t.Errorf("the object of the database %s is %v", database, keys)
	}
	got = job(t, append(b.env(), server.Env()...), k.job, "--restore-test", "--name", "{database}/both", database, dbtest.Database)
	got.wantEnd(t, 0, "")
	got.wantOutput(t, map[string]string{"tables": "4", "rows": "4002", "restored": "true"})
}

func dumpRestoreTest(t *testing.T, k kind, server *dbtest.Server) {
	before := server.Query(dbtest.Database, k.databases)
	t.Run("equal", func(t *testing.T) {
		b := newBucket(t)
		got := job(t, append(b.env(), server.Env()...), k.job, "--restore-test")
		got.wantEnd(t, 0, "")
		got.wantOutput(t, map[string]string{"restored": "true", "rows": "4000"})
		if !strings.Contains(got.stdout, k.objects+" and 4000 rows as in the source") {
			t.Errorf("it says\n%s\nwant %s", got.stdout, k.objects)
		}
	})
	// The client that restores loses what one line of the dump holds.
	lossy := map[string][2]string{
		"mariadb":  {"mariadb", `case " $* " in *stepdeck_restore*) [[ $* == *--execute* ]] || { sed '/^(1999,/d' | exec mariadb "$@"; exit; } ;; esac; exec mariadb "$@"`},
		"postgres": {"pg_restore", `[[ $* == *--file* ]] && exec pg_restore "$@"; pg_restore --file=- | sed '/^1999\t/d' | exec psql -qX "${@: -1}" >/dev/null`},
	}[k.name]
	t.Run("different", func(t *testing.T) {
		b := newBucket(t)
		got := job(t, wrapper(t, append(b.env(), server.Env()...), lossy[0], lossy[1]), k.job, "--restore-test")
		got.wantEnd(t, 65, "differs from the source: rows of ")
		if !strings.Contains(got.stderr, "1999 instead of 2000") || got.output["restored"] != "" {
			t.Errorf("it says %s, with the output %v", got.stderr, got.output)
		}
	})
	if after := server.Query(dbtest.Database, k.databases); after != before {
		t.Errorf("databases were %q and are %q", before, after)
	}
}

func dumpRefusals(t *testing.T, k kind, server *dbtest.Server) {
	port := fmt.Sprint("127.0.0.1:", server.Port)
	for _, c := range []struct {
		name, env, sentence string
		words               []string
		code                int
	}{
		{"wrong password", "DB_PASSWORD=guess", "cannot log in to " + port + " as keeper: ", nil, k.badLogin},
		{"no such host", "DB_PORT=1", "cannot log in to 127.0.0.1:1 as keeper: ", nil, k.badLogin},
		{"unknown option", "", "unknown option --fast", []string{"--fast"}, 64},
		{"option without value", "", "--tables needs a value", []string{"--tables"}, 64},
		{"unknown compression", "", "--compress is xz; give zstd, gzip or none", []string{"--compress=xz"}, 64},
		{"no bucket", "ARTIFACTS=", "no place for the dump; give --to s3://BUCKET/PREFIX", nil, 64},
		{"bad bucket", "", "--to is /tmp; give s3://BUCKET/PREFIX", []string{"--to", "/tmp"}, 64},
		{"a name of two lines", "", "the name of the object has a line break", []string{"--name", "a\nrows=9"}, 64},
		{"bad name", "", "--name has an unknown word in {host}", []string{"--name", "{host}"}, 64},
		{"no database", "DB_NAME=", "no database; name one", nil, 64},
		{"all and one", "", "--all and a database do not go together", []string{"--all", "shop"}, 64},
		{"restore unread", "", "cannot go with --no-verify", []string{"--no-verify", "--restore-test"}, 64},
		{"bad TLS", "DB_TLS=maybe", "DB_TLS is maybe; give verify or off", nil, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBucket(t)
			got := job(t, append(append(b.env(), server.Env()...), c.env), append([]string{k.job}, c.words...)...)
			got.wantEnd(t, c.code, c.sentence)
			b.wantNothing()
			if len(got.output) > 0 {
				t.Errorf("output is %v", got.output)
			}
		})
	}
	t.Run("no such database", func(t *testing.T) {
		b := newBucket(t)
		got := job(t, append(b.env(), server.Env()...), k.job, "nowhere")
		if got.code == 0 || !strings.Contains(got.stderr, "nowhere") {
			t.Errorf("ended with %d and %s", got.code, got.stderr)
		}
		b.wantNothing()
	})
	t.Run("no TLS on the server", func(t *testing.T) {
		b := newBucket(t)
		job(t, append(append(b.env(), server.Env()...), "DB_TLS=verify"), k.job).wantEnd(t, k.badLogin, "cannot log in")
		b.wantNothing()
	})
	t.Run("help", func(t *testing.T) {
		got := job(t, nil, k.job, "--help")
		got.wantEnd(t, 0, "")
		if !strings.HasPrefix(got.stdout, "Usage: "+k.job) {
			t.Errorf("it says %s", got.stdout)
		}
	})
}

func dumpFailures(t *testing.T, k kind, server *dbtest.Server) {
	t.Run("the client fails after all was written", func(t *testing.T) {
		b := newBucket(t)
		env := wrapper(t, append(b.env(), server.Env()...), k.dumper, `[[ $* == --version ]] && exec `+k.dumper+` "$@"; `+k.dumper+` "$@"; exit 3`)
		job(t, env, k.job).wantEnd(t, 3, "was not made")
		b.wantNothing()
	})
	t.Run("the object is damaged in the store", func(t *testing.T) {
		b := newBucket(t)
		env := wrapper(t, append(b.env(), server.Env()...), "steprun", `[[ $1 == get ]] || exec steprun "$@"; steprun "$@" | head -c 5000`)
		job(t, env, k.job).wantEnd(t, 65, "cannot be read back whole; do not rely on it")
	})
}

// dumpOptions looks at what the client is asked for.
func dumpOptions(t *testing.T, k kind, server *dbtest.Server) {
	if k.name == "postgres" {
		t.Run("a newer server is refused in a sentence", func(t *testing.T) {
			b := newBucket(t)
			env := wrapper(t, append(b.env(), server.Env()...), "psql", `[[ $* == *server_version_num* ]] && { echo 990001; exit; }; exec psql "$@"`)
			got := job(t, env, k.job)
			got.wantEnd(t, 69, "is PostgreSQL 99 and pg_dump is ")
			got.wantEnd(t, 69, "use an image with postgresql-client-99")
			b.wantNothing()
		})
		t.Run("globals", func(t *testing.T) {
			b := newBucket(t)
			got := job(t, append(b.env(), server.Env()...), k.job, "--globals", "--name={database}")
			got.wantEnd(t, 0, "")
			if text := unpacked(t, b, got.output["globals"]); !bytes.Contains(text, []byte("CREATE ROLE keeper")) {
				t.Errorf("globals are %s", text)
			}
		})
		return
	}
	t.Run("Oracle's client gets its own flags", func(t *testing.T) {
		dir := t.TempDir()
		for name, script := range map[string]string{
			"mysqldump": `[[ $* == --version ]] && { echo "mysqldump  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)"; exit; }
				printf "%s\n" "$@" >"` + dir + `/flags"; printf -- "-- Dump completed\n"`,
			"mysql": `printf "shop\n"`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\n"+script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"bash", "readlink", "dirname", "sed", "awk", "cat", "tail", "mktemp", "rm", "date", "grep", "tr", "zstd"} {
			path, err := exec.LookPath(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		b := newBucket(t)
		job(t, append(append(b.env(), server.Env()...), "PATH="+dir+":"+tools), k.job, "--no-verify").wantEnd(t, 0, "")
		flags, err := os.ReadFile(filepath.Join(dir, "flags"))
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range []string{"--set-gtid-purged=OFF", "--column-statistics=0", "--ssl-mode=DISABLED", "--skip-extended-insert"} {
			if !slices.Contains(strings.Fields(string(flags)), flag) {
				t.Errorf("no %s in %s", flag, flags)
			}
		}
	})
}

// gated is a dump whose client stops in the middle of its stream, until it is let go on.
type gated struct {
	wait      func() result
	open      func()
	terminate func() // as StopTask does: SIGTERM for all of the job's processes
}

// halfWay starts a dump and returns when its client has stopped.
func halfWay(t *testing.T, k kind, env []string, words ...string) gated {
	t.Helper()
	dir := t.TempDir()
	gate, begun := filepath.Join(dir, "gate"), filepath.Join(dir, "begun")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	// dd reads no further than it writes, so that nothing is lost.
	env = wrapper(t, env, k.dumper, `[[ $* == --version ]] && exec `+k.dumper+` "$@"
		set -o pipefail
		`+k.dumper+` "$@" | { dd bs=1000 count=200 iflag=fullblock status=none; : >`+begun+`; read -r _ <`+gate+`; cat; }`)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd, end := command(ctx, t, env, append([]string{k.job}, words...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(ctx, t, func() bool { return exists(begun) })
	return gated{
		wait: func() result { return end(cmd.Wait()) },
		terminate: func() {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		},
		open: func() {
			if err := os.WriteFile(gate, []byte("go\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestServerKilledHalfWay(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			server := k.start(t)
			server.Seed(200_000)
			b := newBucket(t)
			dump := halfWay(t, k, append(b.env(), server.Env()...))
			server.Kill()
			dump.open()
			got := dump.wait()
			if got.code == 0 || !strings.Contains(got.stderr, "was not made") {
				t.Errorf("ended with %d and %s", got.code, got.stderr)
			}
			b.wantNothing()
			if names := slices.Collect(maps.Keys(got.output)); len(names) > 0 {
				t.Errorf("output has %v", names)
			}
		})
	}
}

func TestDumpStoppedHalfWayLeavesNothing(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			server := k.start(t)
			server.Seed(20_000)
			b := newBucket(t)
			dump := halfWay(t, k, append(b.env(), server.Env()...))
			dump.terminate()
			dump.wait().wantEnd(t, 143, "")
			b.wantNothing()
		})
	}
}

func TestDumpIsOneSnapshot(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			server := k.start(t)
			server.Seed(20_000)
			want := server.Checksums(dbtest.Database)
			b := newBucket(t)
			dump := halfWay(t, k, append(b.env(), server.Env()...))
			server.Query(dbtest.Database, "UPDATE orders SET amount = amount + 1; UPDATE customers SET note = 'late'; INSERT INTO audit (what) VALUES ('late');")
			dump.open()
			got := dump.wait()
			got.wantEnd(t, 0, "")
			got.wantOutput(t, map[string]string{"rows": "40000"})
			restoreInto(t, k, server, "snapshot", unpacked(t, b, got.output["key"]))
			if diff := cmp.Diff(want, server.Checksums("snapshot")); diff != "" {
				t.Errorf("the dump has rows of later: %s", diff)
			}
		})
	}
}

// waitFor polls a condition until it holds or the context ends.
func waitFor(ctx context.Context, t *testing.T, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatal("what was waited for did not come")
		case <-ticker.C:
		}
	}
}
