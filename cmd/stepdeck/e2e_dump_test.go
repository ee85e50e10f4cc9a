//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/container/dbtest"
)

// seedRows is how many rows each of the two tables of the sample schema gets.
const seedRows = 100_000

// database is a kind of server, its job, and what its clients say when it goes wrong.
type database struct {
	job         string
	start       func(testing.TB) *dbtest.Server
	objects     string // SQL that counts the view, routines, trigger and event of a schema
	badPassword string
	lost        string
	restore     func(server *dbtest.Server, into string) *exec.Cmd
}

var databases = map[string]database{
	"mariadb": {
		job: "mysql-dump", start: dbtest.StartMariaDB,
		objects: `SELECT (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = DATABASE()),
			(SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE()),
			(SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()),
			(SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE())`,
		badPassword: "Access denied for user 'keeper'",
		lost:        "Lost connection to server",
		restore: func(server *dbtest.Server, into string) *exec.Cmd {
			cmd := exec.Command("mariadb", "--no-defaults", "--protocol=TCP", "--host=127.0.0.1",
				"--port="+strconv.Itoa(server.Port), "--user="+dbtest.User, "--skip-ssl", into)
			cmd.Env = append(os.Environ(), "MYSQL_PWD="+dbtest.Password)
			return cmd
		},
	},
	"postgres": {
		job: "postgres-dump", start: dbtest.StartPostgres,
		objects: `SELECT (SELECT count(*) FROM pg_views WHERE schemaname = 'public'),
			(SELECT count(*) FROM information_schema.routines WHERE routine_schema = 'public'),
			(SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = 'public'), 1`,
		badPassword: `password authentication failed for user "keeper"`,
		lost:        "server closed the connection unexpectedly",
		restore: func(server *dbtest.Server, into string) *exec.Cmd {
			cmd := exec.Command("pg_restore", "--host=127.0.0.1", "--port="+strconv.Itoa(server.Port),
				"--username="+dbtest.User, "--exit-on-error", "--dbname="+into)
			cmd.Env = append(os.Environ(), "PGPASSWORD="+dbtest.Password)
			return cmd
		},
	},
}

func TestADatabaseIsDumpedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	for name, d := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := d.start(t)
			server.Seed(seedRows)
			s := newStation(t)
			s.setParameter(t, shippedtest.UserSecret, dbtest.User)
			s.setParameter(t, shippedtest.PasswordSecret, dbtest.Password)

			t.Run("whole", func(t *testing.T) { s.dumpWhole(t, d, server) })
			t.Run("a wrong password", func(t *testing.T) {
				s.setParameter(t, shippedtest.PasswordSecret, "wrong")
				defer s.setParameter(t, shippedtest.PasswordSecret, dbtest.Password)
				s.dumpFails(t, d, "password", server.Port, dbtest.Database, d.badPassword)
			})
			t.Run("a database that is not there", func(t *testing.T) {
				s.dumpFails(t, d, "missing", server.Port, "nowhere", "nowhere")
			})
			t.Run("a full bucket", func(t *testing.T) {
				s.faults(t, `[{"kind":"full","service":"s3","operation":"UploadPart"}]`)
				defer s.faults(t, `[]`)
				s.dumpFails(t, d, "full", server.Port, dbtest.Database, "ServiceQuotaExceeded")
			})
			t.Run("a server killed half-way", func(t *testing.T) {
				s.dumpFails(t, d, "killed", killAfter(t, server, 8<<20), dbtest.Database, d.lost)
			})
		})
	}
}

func (s *station) setParameter(t *testing.T, name, value string) {
	t.Helper()
	overwrite := true
	if _, err := s.params.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Overwrite: &overwrite}); err != nil {
		t.Fatal(err)
	}
}

// dump starts a dump and follows it to its end.
func (s *station) dump(t *testing.T, port int, name, schema string, job ...string) outcome {
	t.Helper()
	words := []string{
		"start", "-e", "DB_HOST=127.0.0.1", "-e", fmt.Sprintf("DB_PORT=%d", port), "-e", "DB_NAME=" + schema,
		"--name", name, "--follow", shippedtest.Machine, "--",
	}
	return s.run(t, append(words, job...)...)
}

func (s *station) dumpWhole(t *testing.T, d database, server *dbtest.Server) {
	o := s.dump(t, server.Port, "whole", dbtest.Database, d.job)
	exits0(t, o)
	has(t, o.out, d.job+": dumping "+dbtest.Database, d.job+": read back: 3 tables, 200000 rows", "SUCCEEDED")

	run := s.describe(t, s.arn("whole"))
	var output struct {
		Bucket, Key, SHA256 string
		Bytes, Rows         json.Number
	}
	if err := json.Unmarshal([]byte(*run.Output), &output); err != nil {
		t.Fatalf("%v in %s", err, *run.Output)
	}
	if output.Bucket != shippedtest.Bucket || len(output.SHA256) != 64 || output.Rows.String() != "200000" {
		t.Errorf("the output is %s", *run.Output)
	}
	object, err := s.bucket.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &output.Bucket, Key: &output.Key})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := io.ReadAll(object.Body)
	if err := errors.Join(err, object.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if output.Bytes.String() != strconv.Itoa(len(packed)) {
		t.Errorf("the object has %d bytes, the output says %s", len(packed), output.Bytes)
	}

	server.Query(dbtest.Database, "CREATE DATABASE scratch")
	unpacked := through(t, exec.Command("zstd", "-dcq"), packed)
	through(t, d.restore(server, "scratch"), unpacked)
	if diff := cmp.Diff(server.Checksums(dbtest.Database), server.Checksums("scratch")); diff != "" {
		t.Errorf("restored rows differ: %s", diff)
	}
	if want, got := server.Query(dbtest.Database, d.objects), server.Query("scratch", d.objects); got != want || strings.Contains(want, "0") {
		t.Errorf("views, routines, triggers and events: restored %s of %s", got, want)
	}
}

// dumpFails wants a run that fails with the cause, and nothing more in the bucket than before.
func (s *station) dumpFails(t *testing.T, d database, name string, port int, schema, cause string) {
	t.Helper()
	before := s.stored(t)
	// Without compression the dump is an upload of several parts.
	o := s.dump(t, port, name, schema, d.job, "--compress", "none")
	exitsWith(t, o, exitFailed)
	has(t, o.out, "FAILED", cause)
	run := s.describe(t, s.arn(name))
	if run.Status != types.ExecutionStatusFailed || *run.Error != "ScriptFailed" || !strings.Contains(causeText(*run.Cause), cause) {
		t.Errorf("%s with %s: %s; want the cause to tell %q", run.Status, *run.Error, *run.Cause, cause)
	}
	if diff := cmp.Diff(before, s.stored(t)); diff != "" {
		t.Errorf("a failed dump leaves in the bucket: %s", diff)
	}
}

// causeText is the cause without the marks that JSON puts before quotes.
func causeText(cause string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(cause, `\"`, `"`)), " ")
}

// stored lists the objects and the unfinished uploads of the stack's bucket.
func (s *station) stored(t *testing.T) []string {
	t.Helper()
	bucket := shippedtest.Bucket
	objects, err := s.bucket.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	uploads, err := s.bucket.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, object := range objects.Contents {
		names = append(names, *object.Key)
	}
	for _, upload := range uploads.Uploads {
		names = append(names, "upload of "+*upload.Key)
	}
	return names
}

// through gives what a command makes of a text.
func through(t *testing.T, cmd *exec.Cmd, text []byte) []byte {
	t.Helper()
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, &stderr)
	}
	return out
}

// killAfter is the port of a way to the server on which it is killed once it has sent so many bytes.
func killAfter(t *testing.T, server *dbtest.Server, limit int64) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(t.Context(), func() { _ = listener.Close() })
	var sent atomic.Int64
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				upstream, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Port)))
				if err != nil {
					return
				}
				defer upstream.Close()
				go func() { _, _ = io.Copy(upstream, client) }()
				buffer := make([]byte, 32<<10)
				for {
					n, err := upstream.Read(buffer)
					if _, failed := client.Write(buffer[:n]); err != nil || failed != nil {
						return
					}
					if sent.Add(int64(n)) > limit {
						server.Kill()
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}
