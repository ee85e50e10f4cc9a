//go:build unix

// Package dbtest runs real database servers for tests, each with its data in a folder of its own, on loopback.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The role that every server knows. It may do anything.
const (
	User     = "keeper"
	Password = `horse "battery' staple`
	// Database is the one that Seed fills.
	Database = "shop"
)

const (
	patience = time.Minute // for a server to start, to stop, or to answer a statement
	poll     = 20 * time.Millisecond
)

// Server is a running database server. It stops at the end of the test.
type Server struct {
	Port int

	t       testing.TB
	engine  engine
	process *exec.Cmd
	ended   chan struct{}
	dir     string
}

// engine is what differs between the kinds of servers.
type engine interface {
	// client returns the command that runs SQL from standard input and prints rows with tabs and no headings.
	client(ctx context.Context, s *Server, database string) *exec.Cmd
	seed(rows int) string
	checksums(s *Server, database string) map[string]string
	stopSignal() os.Signal
}

// Env is what a job needs to reach the server.
func (s *Server) Env() []string {
	return []string{
		"DB_HOST=127.0.0.1", "DB_PORT=" + strconv.Itoa(s.Port), "DB_USER=" + User, "DB_PASSWORD=" + Password,
		"DB_NAME=" + Database,
	}
}

// Seed fills Database with tables of rows rows, an empty table, a view, a routine, a trigger, and what else the
// engine has. Values hold quotes, line feeds and text that looks like SQL.
func (s *Server) Seed(rows int) { s.Query(Database, s.engine.seed(rows)) }

// Query runs SQL and returns what it prints, without the last line feed.
func (s *Server) Query(database, sql string) string {
	s.t.Helper()
	out, err := s.try(database, sql)
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// Checksums returns a checksum of the rows of every table of a database.
func (s *Server) Checksums(database string) map[string]string {
	s.t.Helper()
	return s.engine.checksums(s, database)
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	_ = s.process.Process.Kill() // it may have ended already
	<-s.ended
}

func (s *Server) try(database, sql string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := s.engine.client(ctx, s, database)
	cmd.Stdin = strings.NewReader(sql)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// start runs the server's process and waits until it answers.
func start(t testing.TB, s *Server, ready func() error) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() {
		_ = s.process.Wait() // a server that is told to stop may say so by its exit code
		_ = log.Close()
		close(s.ended)
	}()
	t.Cleanup(s.stop)

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		err := ready()
		if err == nil {
			return
		}
		select {
		case <-ticker.C:
			continue
		case <-s.ended:
		case <-ctx.Done():
		}
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("the server does not answer: %v\n%s", err, text)
	}
}

func (s *Server) stop() {
	_ = s.process.Process.Signal(s.engine.stopSignal()) // it may have ended already
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.Kill()
	}
}

// folder is short, because the path of a socket is limited to about 100 bytes, and belongs to the server's user.
func folder(t testing.TB, owner *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was sent
	return listener.Addr().(*net.TCPAddr).Port
}

// program finds an executable on the path or in Debian's folders for servers. Where it is missing the test is left
// out, except under CI, where .ci/install-test-deps has brought it.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, pattern := range []string{"/usr/sbin/" + name, "/usr/lib/postgresql/*/bin/" + name} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[len(found)-1]
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing; run .ci/install-test-deps", name)
	}
	t.Skipf("%s is missing; run .ci/install-test-deps", name)
	return ""
}

// other returns the credential of a system user when this process is root, which some servers refuse to run as.
func other(t testing.TB, name string) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// run runs a command of the set-up.
func run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, out)
	}
}

// fields reads lines of two columns.
func fields(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[name] = value
	}
	return out
}
