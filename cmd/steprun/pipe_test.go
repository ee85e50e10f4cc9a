package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// resultOf reads the key=value lines that pipe prints or adds.
func resultOf(text string) map[string]string {
	result := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		name, value, _ := strings.Cut(line, "=")
		result[name] = value
	}
	return result
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestPipeStoresAWholeDump(t *testing.T) {
	unpack := map[string]func([]byte) []byte{
		"none": func(b []byte) []byte { return b },
		"gzip": func(b []byte) []byte {
			reader, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			return plain
		},
		"zstd": func(b []byte) []byte {
			command := exec.Command("zstd", "-dc")
			command.Stdin = bytes.NewReader(b)
			plain, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			return plain
		},
	}
	const dump = "CREATE TABLE t;\n-- Dump completed on today\n"
	for compress, plain := range unpack {
		t.Run(compress, func(t *testing.T) {
			bucket := newBucket(t)
			p := newProgram(t, bucket.env()...)
			p.start("pipe", "--compress", compress, "--trailer", "-- Dump completed", "s3://bucket/shop/dump.sql", "--", "printf", strings.ReplaceAll(dump, "\n", `\n`))
			if code := p.wait(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			stored := bucket.get("shop/dump.sql")
			if string(plain(stored)) != dump {
				t.Errorf("stored %q", stored)
			}
			result := resultOf(p.stdout.String())
			want := map[string]string{
				"bucket": "bucket", "key": "shop/dump.sql", "bytes": strconv.Itoa(len(stored)), "rawBytes": strconv.Itoa(len(dump)),
				"sha256": sha(stored), "parts": "1", "seconds": result["seconds"],
			}
			if fmt.Sprint(result) != fmt.Sprint(want) || result["seconds"] == "" {
				t.Errorf("result %v, want %v", result, want)
			}
			if meta := bucket.object("shop/dump.sql").Metadata["X-Amz-Meta-Sha256"]; meta != sha(stored) {
				t.Errorf("metadata sha256 is %q", meta)
			}
		})
	}
}

func TestPipeStoresALargeDumpInPartsWithItsChecksumBeside(t *testing.T) {
	bucket := newBucket(t)
	p := newProgram(t, bucket.env()...)
	p.start("pipe", "--compress", "none", "s3://bucket/big.sql", "--", "head", "-c", "20000000", "/dev/zero")
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	stored := bucket.get("big.sql")
	result := resultOf(p.stdout.String())
	if len(stored) != 20_000_000 || result["parts"] != "3" || result["sha256"] != sha(stored) {
		t.Fatalf("%d bytes, result %v", len(stored), result)
	}
	if line := string(bucket.get("big.sql.sha256")); line != sha(stored)+"  big.sql\n" {
		t.Errorf("companion %q", line)
	}
	if bucket.unfinished() != 0 {
		t.Error("an upload is left open")
	}
}

func TestPipeAddsToTheOutputOfTheJob(t *testing.T) {
	cases := map[string]string{
		"lines":   `printf 'database=shop' > $STEPRUN_OUTPUT`,
		"object":  `echo '{"database":"shop"}' > $STEPRUN_OUTPUT`,
		"nothing": `true`,
	}
	for name, before := range cases {
		t.Run(name, func(t *testing.T) {
			bucket, states := newBucket(t), newStepFunctions(t)
			p := withToken(t, states, bucket.env()...)
			p.script("job", before+"\nsteprun pipe --compress none s3://bucket/a.sql -- echo hello || exit").start("job")
			if code := p.wait(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			sent := states.of("SendTaskSuccess")[0].Output
			for _, want := range []string{`"key":"a.sql"`, `"rawBytes":"6"`, `"sha256":"` + sha([]byte("hello\n")) + `"`} {
				if !strings.Contains(sent, want) {
					t.Errorf("output %s has no %s", sent, want)
				}
			}
			if strings.Contains(before, "shop") && !strings.Contains(sent, `"database":"shop"`) {
				t.Errorf("output %s lost the job's own value", sent)
			}
		})
	}
}

// A failed dump never becomes an object: the point of pipe.
func TestPipeTakesBackWhatIsNotWhole(t *testing.T) {
	const big = "head -c 30000000 /dev/zero;" // more than three parts
	cases := map[string]struct {
		script   string
		compress string
		trailer  string
		code     int
		want     string
	}{
		"producer fails small":      {"echo part; exit 2", "zstd", "", 2, "exit code 2"},
		"producer fails late":       {big + "exit 3", "none", "", 3, "exit code 3"},
		"producer fails compressed": {big + "exit 3", "gzip", "", 3, "exit code 3"},
		"producer is killed":        {big + "kill -9 $$", "none", "", 137, "killed"},
		"cut short":                 {"echo half", "zstd", "-- Dump completed", 65, "cut short"},
		"cut short and large":       {"echo -- Dump completed;" + big, "none", "-- Dump completed", 65, "cut short"},
		"empty":                     {"exit 0", "zstd", "", 65, "wrote nothing"},
		"fails at writing nothing":  {"exit 6", "none", "", 6, "exit code 6"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bucket := newBucket(t)
			p := newProgram(t, bucket.env()...).script("produce", c.script)
			p.start("pipe", "--compress", c.compress, "--trailer", c.trailer, "s3://bucket/dump.sql", "--", "produce")
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if log := p.stderr.String(); !strings.Contains(log, c.want) || !strings.Contains(log, "s3://bucket/dump.sql was not made") {
				t.Errorf("the log %q does not say %q", log, c.want)
			}
			wantNothing(t, bucket)
		})
	}
}

func wantNothing(t *testing.T, bucket *bucket) {
	t.Helper()
	if keys, open := bucket.keys(), bucket.unfinished(); len(keys) != 0 || open != 0 {
		t.Errorf("objects %v and %d unfinished uploads are left", keys, open)
	}
}

func TestPipeReportsARefusedUpload(t *testing.T) {
	isPart := func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" }
	isPut := func(r *http.Request) bool { return r.Method == http.MethodPut && r.URL.RawQuery == "x-id=PutObject" }
	isComplete := func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") }
	isCreate := func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploads") }
	cases := map[string]struct {
		script  string
		refused func(*http.Request) bool
		status  int
	}{
		"bucket is full at a part": {"yes", isPart, 507},
		"server error at a part":   {"yes", isPart, 500},
		"no upload begins":         {"yes", isCreate, 403},
		"small object":             {"echo small", isPut, 500},
		"completion":               {"head -c 20000000 /dev/zero", isComplete, 403},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bucket := newBucket(t)
			bucket.refuseWhen(func(r *http.Request) int {
				if c.refused(r) {
					return c.status
				}
				return 0
			})
			p := newProgram(t, bucket.env()...).script("produce", c.script)
			p.start("pipe", "--compress", "none", "s3://bucket/dump.sql", "--", "produce")
			if code := p.wait(); code != 74 {
				t.Errorf("exit code %d", code)
			}
			if !strings.Contains(p.stderr.String(), strconv.Itoa(c.status)) {
				t.Error("the log does not name the answer of S3")
			}
			wantNothing(t, bucket)
		})
	}
}

func TestPipeIsTakenBackWhenStopped(t *testing.T) {
	bucket := newBucket(t)
	p := newProgram(t, bucket.env()...).script("produce", `head -c 20000000 /dev/zero; sleep 1000 & echo "$! ready" >&2; wait`)
	p.start("pipe", "--compress", "none", "s3://bucket/dump.sql", "--", "produce")
	p.until("ready")
	signalProcess(t, p, syscall.SIGTERM)
	if code := p.wait(); code != 143 {
		t.Errorf("exit code %d", code)
	}
	wantNothing(t, bucket)
	var left int
	if _, err := fmt.Sscan(p.stderr.String(), &left); err != nil {
		t.Fatal(err)
	}
	untilGone(t, left)
}

func TestPipeNamesWhatCannotStart(t *testing.T) {
	bucket := newBucket(t)
	p := newProgram(t, bucket.env()...)
	if code := p.start("pipe", "s3://bucket/dump.sql", "--", "mysqldmp").wait(); code != 127 || !strings.Contains(p.stderr.String(), "mysqldmp") {
		t.Errorf("producer: exit code %d", code)
	}
	p = newProgram(t, bucket.env()...)
	p.env = append(p.env, "PATH="+p.folder)
	p.script("produce", "echo x")
	if code := p.start("pipe", "s3://bucket/dump.sql", "--", "produce").wait(); code != 74 || !strings.Contains(p.stderr.String(), "zstd") {
		t.Errorf("compressor: exit code %d", code)
	}
	wantNothing(t, bucket)
}

func TestPipeUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"s3://BUCKET/KEY -- PRODUCER": {"pipe", "s3://bucket/key", "mysqldump"},
		"not an S3 location":          {"pipe", "bucket/key", "--", "mysqldump"},
		"names no object":             {"pipe", "s3://bucket/", "--", "mysqldump"},
		"give zstd, gzip or none":     {"pipe", "--compress", "lz4", "s3://bucket/key", "--", "mysqldump"},
		"-fast":                       {"pipe", "--fast", "s3://bucket/key", "--", "mysqldump"},
	} {
		p := newProgram(t)
		if code := p.start(args...).wait(); code != 64 || !strings.Contains(p.stderr.String(), want) {
			t.Errorf("%v: exit code %d, stderr %q", args, code, p.stderr.String())
		}
	}
}

func TestGetPutAndList(t *testing.T) {
	bucket := newBucket(t)
	body := bytes.Repeat([]byte("0123456789"), 2_000_000) // more than two parts
	local := t.TempDir() + "/file"
	if err := os.WriteFile(local, body, 0o600); err != nil {
		t.Fatal(err)
	}
	steprun := func(args ...string) *program {
		p := newProgram(t, bucket.env()...)
		p.start(args...)
		return p
	}
	if code := steprun("put", local, "s3://bucket/in/large.bin").wait(); code != 0 {
		t.Fatalf("put: exit code %d", code)
	}
	small := newProgram(t, bucket.env()...)
	small.attach = func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader("small") }
	if code := small.start("put", "-", "s3://bucket/in/a.txt", "--content-type", "text/plain").wait(); code != 0 {
		t.Fatalf("put -: exit code %d", code)
	}
	if kind := bucket.object("in/a.txt").Metadata["Content-Type"]; kind != "text/plain" {
		t.Errorf("content type %q", kind)
	}
	listed := steprun("list", "s3://bucket/in/")
	if code := listed.wait(); code != 0 || listed.stdout.String() != "s3://bucket/in/a.txt\ns3://bucket/in/large.bin\ns3://bucket/in/large.bin.sha256\n" {
		t.Errorf("list: exit code %d, %q", code, listed.stdout.String())
	}
	if code := steprun("get", "s3://bucket/in/large.bin", local+".back").wait(); code != 0 {
		t.Fatalf("get: exit code %d", code)
	}
	if back, err := os.ReadFile(local + ".back"); err != nil || !slices.Equal(back, body) {
		t.Errorf("read back %d bytes, %v", len(back), err)
	}
	printed := steprun("get", "s3://bucket/in/a.txt", "-")
	if code := printed.wait(); code != 0 || printed.stdout.String() != "small" {
		t.Errorf("get -: exit code %d, %q", code, printed.stdout.String())
	}
}

func TestListRefusesAKeyOfTwoLines(t *testing.T) {
	bucket := newBucket(t)
	bucket.put("in/a\ns3://other/b.png", []byte("x"))
	p := newProgram(t, bucket.env()...)
	if code := p.start("list", "s3://bucket/in/").wait(); code != 74 || p.stdout.Len() > 0 || !strings.Contains(p.stderr.String(), "line break") {
		t.Errorf("exit code %d, %q, %q", code, p.stdout.String(), p.stderr.String())
	}
}

func TestGetRefusesADamagedObject(t *testing.T) {
	bucket := newBucket(t)
	if _, err := bucket.backend.PutObject("bucket", "a.sql", map[string]string{"X-Amz-Meta-Sha256": sha([]byte("whole"))}, strings.NewReader("cut"), 3, nil); err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, bucket.env()...)
	target := t.TempDir() + "/a.sql"
	if code := p.start("get", "s3://bucket/a.sql", target).wait(); code != 74 || !strings.Contains(p.stderr.String(), "damaged") {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("a damaged file was left")
	}
}
