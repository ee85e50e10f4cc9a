package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	databaseName = "shop"
	// credential is both user and password of the sample database, as in the
	// parameters of local AWS.
	credential = "local_only"

	readyLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
	readyPause = 100 * time.Millisecond
)

// ErrNoServer is returned by StartDatabase where MariaDB is not installed.
var ErrNoServer = errors.New("no MariaDB server is installed")

// Database is a MariaDB server with a sample schema. Its owner closes it.
type Database struct {
	port   string
	dir    string
	server *exec.Cmd
	ended  chan struct{}
}

// StartDatabase starts a server of its own, in a folder of its own, on a free
// port of loopback.
func StartDatabase(ctx context.Context) (*Database, error) {
	install, errInstall := exec.LookPath("mariadb-install-db")
	daemon, errDaemon := exec.LookPath("mariadbd")
	if errInstall != nil || errDaemon != nil {
		return nil, ErrNoServer
	}
	dir, err := os.MkdirTemp("", "stepdeck-db-")
	if err != nil {
		return nil, fmt.Errorf("folder of the sample database: %w", err)
	}
	d := &Database{dir: dir, ended: make(chan struct{})}
	if err := d.start(ctx, install, daemon); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := d.ready(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Database) start(ctx context.Context, install, daemon string) error {
	owner, err := d.handOver()
	if err != nil {
		return err
	}
	data := filepath.Join(d.dir, "data")
	setup := exec.CommandContext(ctx, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	setup.Dir, setup.SysProcAttr = d.dir, owner
	if text, err := setup.CombinedOutput(); err != nil {
		return fmt.Errorf("set up the sample database: %w: %s", err, text)
	}
	first := filepath.Join(d.dir, "first.sql")
	if err := os.WriteFile(first, []byte(schema), 0o644); err != nil { //nolint:gosec // the server's user reads it
		return fmt.Errorf("write the sample schema: %w", err)
	}
	if d.port, err = freePort(ctx); err != nil {
		return err
	}
	// Not bound to ctx: Close ends it in order.
	d.server = exec.Command(daemon, "--no-defaults", "--datadir="+data, "--init-file="+first, //nolint:noctx // see above
		"--socket="+filepath.Join(d.dir, "socket"), "--pid-file="+filepath.Join(d.dir, "pid"),
		"--bind-address=127.0.0.1", "--port="+d.port, "--skip-name-resolve", "--performance-schema=OFF")
	d.server.Dir, d.server.SysProcAttr = d.dir, owner
	if err := d.server.Start(); err != nil {
		return fmt.Errorf("start the sample database: %w", err)
	}
	go func() {
		_ = d.server.Wait() // Close asked for it, or ready tells
		close(d.ended)
	}()
	return nil
}

// handOver gives the folder to the user mysql where this process is root: the
// server refuses to run as root.
func (d *Database) handOver() (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	mysql, err := user.Lookup("mysql")
	if err != nil {
		return nil, fmt.Errorf("the sample database needs a user that is not root: %w", err)
	}
	uid, errUID := strconv.Atoi(mysql.Uid)
	gid, errGID := strconv.Atoi(mysql.Gid)
	if err := errors.Join(errUID, errGID, os.Chown(d.dir, uid, gid)); err != nil {
		return nil, fmt.Errorf("hand the sample database's folder to mysql: %w", err)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

// ready waits until the server takes connections, which it does once the
// schema has been loaded.
func (d *Database) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	ticker := time.NewTicker(readyPause)
	defer ticker.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", d.port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ticker.C:
		case <-d.ended:
			return errors.New("the sample database ended while it started")
		case <-ctx.Done():
			return fmt.Errorf("the sample database does not answer: %w", err)
		}
	}
}

// Close ends the server and removes its folder.
func (d *Database) Close() error {
	_ = d.server.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-d.ended:
	case <-time.After(stopLimit):
		_ = d.server.Process.Kill()
		<-d.ended
	}
	if err := os.RemoveAll(d.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the sample database: %w", err)
	}
	return nil
}

func freePort(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a port for the sample database: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}
