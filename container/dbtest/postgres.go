//go:build unix

package dbtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

type postgres struct{ binary string }

// StartPostgres starts a PostgreSQL server with an empty Database.
func StartPostgres(t testing.TB) *Server {
	t.Helper()
	daemon, initdb := program(t, "postgres"), program(t, "initdb")
	owner := other(t, "postgres")
	s := &Server{t: t, Port: freePort(t), engine: postgres{program(t, "psql")}, dir: folder(t, owner)}
	data, secret := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "secret")
	if err := os.WriteFile(secret, []byte(Password), 0o644); err != nil {
		t.Fatal(err)
	}
	setup := exec.Command(initdb, "--pgdata="+data, "--username="+User, "--pwfile="+secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--no-locale", "--no-sync")
	setup.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	setup.Dir = s.dir
	run(t, setup)

	s.process = exec.Command(daemon, "-D", data, "-p", strconv.Itoa(s.Port), "-F", "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+s.dir)
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	s.process.Dir = s.dir
	start(t, s, func() error {
		_, err := s.try("postgres", "SELECT 1")
		return err
	})
	s.Query("postgres", "CREATE DATABASE "+Database)
	return s
}

func (p postgres) client(ctx context.Context, s *Server, database string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.binary, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
		"--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--port="+strconv.Itoa(s.Port), "--username="+User, database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+Password, "PGSSLMODE=disable")
	return cmd
}

// stopSignal asks for a fast shutdown: open connections are ended.
func (postgres) stopSignal() os.Signal { return syscall.SIGINT }

func (postgres) seed(rows int) string {
	return fmt.Sprintf(`
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, note text, photo bytea);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, amount numeric(9,2), placed timestamptz);
CREATE TABLE audit (id serial PRIMARY KEY, what text);
INSERT INTO customers SELECT n, 'Żółć O''Neil ' || n, E'line\n\\.\nCOPY x (y) FROM stdin;\n' || n, '\x000a0d5c27ff' FROM generate_series(1, %[1]d) n;
INSERT INTO orders SELECT n, n, n / 7.0, timestamptz '2026-01-01 00:00Z' + n * interval '1 second' FROM generate_series(1, %[1]d) n;
CREATE VIEW best AS SELECT c.name, o.amount FROM customers c JOIN orders o ON o.customer = c.id;
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit (what) VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE PROCEDURE forget() LANGUAGE sql AS 'DELETE FROM audit';
`, rows)
}

func (postgres) checksums(s *Server, database string) map[string]string {
	sums := map[string]string{}
	for _, table := range strings.Fields(s.Query(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) {
		sums[table] = s.Query(database, fmt.Sprintf(`SELECT md5(coalesce(string_agg(t::text, E'\n' ORDER BY t::text), '')) FROM %q t`, table))
	}
	return sums
}
