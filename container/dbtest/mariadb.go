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

type mariadb struct{ binary string }

// StartMariaDB starts a MariaDB server with an empty Database.
func StartMariaDB(t testing.TB) *Server {
	t.Helper()
	daemon, install := program(t, "mariadbd"), program(t, "mariadb-install-db")
	owner := other(t, "mysql")
	s := &Server{t: t, Port: freePort(t), engine: mariadb{program(t, "mariadb")}, dir: folder(t, owner)}
	data := filepath.Join(s.dir, "data")
	common := []string{"--no-defaults", "--datadir=" + data}
	// The system tables are not worth a flush to the disk each.
	setup := exec.Command(install, append(common, "--auth-root-authentication-method=normal", "--skip-test-db",
		"--innodb-flush-method=nosync")...)
	setup.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	setup.Dir = s.dir
	run(t, setup)

	// The first statements run before the server listens.
	first := filepath.Join(s.dir, "first.sql")
	statements := fmt.Sprintf("CREATE USER %s@'%%' IDENTIFIED BY '%s';\nGRANT ALL PRIVILEGES ON *.* TO %[1]s@'%%' WITH GRANT OPTION;\nCREATE DATABASE %[3]s;\n",
		User, strings.ReplaceAll(Password, "'", "''"), Database)
	if err := os.WriteFile(first, []byte(statements), 0o644); err != nil {
		t.Fatal(err)
	}
	s.process = exec.Command(daemon, append(common, "--init-file="+first, "--socket="+filepath.Join(s.dir, "socket"),
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(s.Port), "--skip-name-resolve", "--performance-schema=OFF",
		"--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--pid-file="+filepath.Join(s.dir, "pid"))...)
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	start(t, s, func() error {
		_, err := s.try(Database, "SELECT 1")
		return err
	})
	return s
}

func (m mariadb) client(ctx context.Context, s *Server, database string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, m.binary, "--no-defaults", "--protocol=TCP", "--host=127.0.0.1", "--port="+strconv.Itoa(s.Port),
		"--user="+User, "--skip-ssl", "--batch", "--skip-column-names", "--default-character-set=utf8mb4", database)
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+Password)
	return cmd
}

func (mariadb) stopSignal() os.Signal { return syscall.SIGTERM }

func (mariadb) seed(rows int) string {
	return fmt.Sprintf(`
CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, note TEXT, photo BLOB) CHARSET utf8mb4;
CREATE TABLE orders (id INT PRIMARY KEY, customer INT, amount DECIMAL(9,2), placed DATETIME,
  FOREIGN KEY (customer) REFERENCES customers (id)) CHARSET utf8mb4;
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what TEXT) CHARSET utf8mb4;
INSERT INTO customers SELECT seq, CONCAT('Żółć O''Neil ', seq),
  CONCAT('line\n(', seq, ',''x''),\n(2);\nINSERT INTO t VALUES\n(3)'), UNHEX('000A0D5C27FF') FROM seq_1_to_%[1]d;
INSERT INTO orders SELECT seq, seq, seq / 7, '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_%[1]d;
CREATE VIEW best AS SELECT c.name, o.amount FROM customers c JOIN orders o ON o.customer = c.id;
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO audit (what) VALUES (NEW.id);
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE forget() DELETE FROM audit;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM audit;
`, rows)
}

func (mariadb) checksums(s *Server, database string) map[string]string {
	tables := strings.Fields(s.Query(database, "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'"))
	sums := map[string]string{}
	for _, table := range tables {
		if table == "BASE" || table == "TABLE" {
			continue
		}
		for _, sum := range fields(s.Query(database, "CHECKSUM TABLE `"+table+"`")) {
			sums[table] = sum
		}
	}
	return sums
}
