package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestPipeNeedsLittleMemory(t *testing.T) {
	const size = 400_000_000
	started, peak := make(chan int, 1), make(chan int, 1)
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost && r.URL.Query().Has("uploadId") {
			peak <- peakMemory(<-started)
		}
		w.Header().Set("ETag", `"e"`)
		fmt.Fprint(w, `<Result><UploadId>u</UploadId><ETag>e</ETag></Result>`)
	}))
	defer sink.Close()
	p := newProgram(t, "AWS_ENDPOINT_URL_S3="+sink.URL)
	p.start("pipe", "--compress", "none", "s3://bucket/dump.sql", "--", "head", "-c", strconv.Itoa(size), "/dev/zero")
	started <- p.cmd.Process.Pid
	if code := p.wait(); code != 0 || resultOf(p.stdout.String())["bytes"] != strconv.Itoa(size) {
		t.Fatalf("exit code %d", code)
	}
	const most = 128 << 10 // KiB: two parts of 8 MiB and the Go runtime, and as much again for the race detector
	if got := <-peak; got == 0 || got > most {
		t.Errorf("the peak was %d KiB, at most %d are wanted", got, most)
	}
}

// peakMemory is the largest resident set a running process had, in KiB; 0 when it cannot be read.
// The peak that wait reports would count the tests, too: it is kept over exec.
func peakMemory(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var peak int
	_, _ = fmt.Sscan(rest, &peak)
	return peak
}
