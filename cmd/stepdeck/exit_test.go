package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

func TestExitCodesTellKindsOfTrouble(t *testing.T) {
	for _, c := range []struct {
		error string
		code  int
		kind  string
	}{
		{"ValidationException", exitUsage, "usage"},
		{"StateMachineDoesNotExist", exitNotFound, "notFound"},
		{"AccessDeniedException", exitDenied, "denied"},
		{"ExpiredTokenException", exitDenied, "expired"},
		{"ThrottlingException", exitUnreachable, "throttled"},
		{"ExecutionLimitExceeded", exitFailed, "failed"},
	} {
		t.Run(c.error, func(t *testing.T) {
			w := newWorld(t)
			w.on("ListStateMachines", `{"__type":"`+c.error+`","message":"so it is"}`)
			o := w.run(t, "", "machines")
			exitsWith(t, o, c.code)
			if o.out != "" || !strings.HasPrefix(o.err, "stepdeck: ") || !strings.Contains(o.err, "\nnext: ") {
				t.Errorf("out %q, err %q", o.out, o.err)
			}
			o = w.run(t, "", "machines", "-o", "json")
			exitsWith(t, o, c.code)
			var object struct {
				Error struct{ Kind, Title, Detail, Hint string }
			}
			if err := json.Unmarshal([]byte(o.err), &object); err != nil {
				t.Fatalf("%v: %s", err, o.err)
			}
			if object.Error.Kind != c.kind || object.Error.Title == "" || object.Error.Hint == "" {
				t.Errorf("error object %+v", object.Error)
			}
		})
	}
}

func TestWhatIsNotThereExitsWith3(t *testing.T) {
	w := newWorld(t)
	for _, args := range []string{"runs dump", "run show nobody", "start nothing", "logs dumps/nobody", "stop nobody --yes"} {
		o := w.run(t, "", strings.Fields(args)...)
		exitsWith(t, o, exitNotFound)
		has(t, o.err, "next: ")
	}
	has(t, w.run(t, "", "runs", "dump").err, "did you mean dumps?")
}

func TestWrongUsageExitsWith2(t *testing.T) {
	w := newWorld(t)
	for _, args := range []string{
		"nonsense", "token nonsense", "run", "runs a b", "runs --nonsense", "runs --limit many", "runs --limit 0", "runs --status odd", "runs --since odd",
		"run show", "stop", "token fail", "logs", "machines --output xml", "run show @odd", "logs bad --attempt -1",
		"token succeed stuck --yes --output-json {", "--local machines",
	} {
		o := w.run(t, "", strings.Fields(args)...)
		if o.code != exitUsage || !strings.HasPrefix(o.err, "stepdeck: ") {
			t.Errorf("%s: code %d, %q", args, o.code, o.err)
		}
	}
}

func TestWrongUsageTellsTheWayOut(t *testing.T) {
	w := newWorld(t)
	for args, want := range map[string]string{
		"lgos":                             "next: did you mean logs?",
		"nonsense":                         "next: stepdeck --help lists the commands",
		"run":                              "next: add show; more with: stepdeck run --help",
		"logs":                             "next: usage: stepdeck logs RUN [flags]",
		"runs --limit many":                "next: stepdeck runs --help shows what it takes",
		"start dumps --timeout 5":          "next: stepdeck start --help shows what it takes",
		"runs --limit many --output table": `stepdeck: --limit: "many" is not a whole number` + "\n",
		"start dumps --timeout 10x":        `stepdeck: --timeout: "10x" is not a span of time such as 90s, 30m or 2h` + "\n",
		"start dumps --timeout 0":          "stepdeck: --timeout: 0 is none\nnext: leave it out",
		"start dumps --memory 0":           "stepdeck: --memory: 0 is none\nnext: leave it out",
		"clone @failed --memory 0":         "stepdeck: --memory: 0 is none\nnext: leave it out",
		"runs a b":                         "stepdeck: stepdeck runs takes at most 1 argument, not 2\nnext: usage: stepdeck runs [MACHINE] [flags]",
		"run show":                         "stepdeck: stepdeck run show takes 1 argument, not 0\n",
		"run show arn:bad":                 "arn:bad is not the ARN of a run: that is arn:aws:states:",
		"start dumps --after 2":            "next: arguments of the container that begin with - come after --",
		"machines --endpoint-url nonsense": `"nonsense" is no URL of an endpoint` + "\nnext: give one such as http://",
		"token fail good --yes":            " run show` tells how it ended",
	} {
		has(t, w.run(t, "", strings.Fields(args)...).err, want)
	}
}

func TestAnErrorIsAnObjectWhereverJSONIsAskedFor(t *testing.T) {
	w := newWorld(t)
	for _, args := range []string{"runs --nonsense -o json", "runs --nonsense --output json", "nonsense --output=json", "-ojson runs --nonsense"} {
		o := w.run(t, "", strings.Fields(args)...)
		exitsWith(t, o, exitUsage)
		if !json.Valid([]byte(o.err)) {
			t.Errorf("%s: %q", args, o.err)
		}
	}
	if o := w.run(t, "", "runs", "--nonsense", "--", "-o", "json"); json.Valid([]byte(o.err)) {
		t.Errorf("arguments after -- count as flags: %q", o.err)
	}
}

func TestAnEndpointThatIsDownExitsWith5(t *testing.T) {
	w := newWorld(t)
	o := w.runIn(t.Context(), t, "", "machines", "--endpoint-url", "http://127.0.0.1:1")
	exitsWith(t, o, exitUnreachable)
	has(t, o.err, "http://127.0.0.1:1 cannot be reached", "next: is it running?")
}

func TestAnInterruptDetachesAndTellsHowToComeBack(t *testing.T) {
	w := newWorld(t)
	ctx, interrupt := context.WithCancel(t.Context())
	w.answers["DescribeExecution"] = func(sent map[string]any) string {
		if len(w.sent("StartExecution")) > 0 {
			interrupt()
		}
		return runs[stuckARN]
	}
	o := w.runIn(ctx, t, "", "--endpoint-url", w.url, "start", "dumps", "--name", "stuck", "--wait")
	exitsWith(t, o, exitInterrupted)
	has(t, o.err, "the run goes on", "stepdeck --endpoint-url "+w.url+" logs -f dumps/stuck")
	if n := len(w.sent("StopExecution")); n != 0 {
		t.Error("the interrupt stopped the run")
	}
}

func TestAnInterruptedQuestionOnATerminalChangesNothing(t *testing.T) {
	w := newWorld(t)
	terminal, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer line.Close()
	shown, errors := io.Pipe()
	a := *w.app
	a.asks, a.in, a.out, a.err = true, line, io.Discard, errors
	ctx, interrupt := context.WithCancel(t.Context())
	code := make(chan int)
	go func() {
		code <- a.execute(ctx, []string{"--endpoint-url", w.url, "stop", "stuck"})
		errors.Close()
	}()
	question := bufio.NewReader(shown)
	if asked, err := question.ReadString(']'); err != nil || !strings.HasSuffix(asked, "[y/N]") {
		t.Fatalf("asked %q, %v", asked, err)
	}
	go func() { _, _ = io.Copy(io.Discard, question) }()
	interrupt()
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	if n := len(w.sent("StopExecution")); n != 0 {
		t.Error("stopped without an answer")
	}
}

func TestLocalUsesTheLocalAWSThatRuns(t *testing.T) {
	w := newWorld(t)
	t.Setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
	writeAddressFile(t, w, w.url)
	o := w.runIn(t.Context(), t, "", "machines", "--local", "-o", "name")
	exits0(t, o)
	is(t, o.out, "dumps\nreaper\n")
	has(t, w.runIn(t.Context(), t, "", "--local", "start", "dumps").err, "stepdeck --local logs -f ")
}

func TestLocalIsStartedWhereNoneAnswers(t *testing.T) {
	w := newWorld(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	for what, url := range map[string]string{"nothing": gone.URL, "another program": other.URL} {
		writeAddressFile(t, w, url)
		stopped := 0
		w.app.startLocal = func(context.Context) (string, func(), error) { return w.url, func() { stopped++ }, nil }
		exits0(t, w.runIn(t.Context(), t, "", "machines", "--local"))
		if stopped != 1 {
			t.Errorf("with %s at the address, local AWS was started and stopped %d times, want once", what, stopped)
		}
	}
	w.app.startLocal = func(context.Context) (string, func(), error) { return "", nil, fmt.Errorf("no room") }
	o := w.runIn(t.Context(), t, "", "machines", "--local")
	exitsWith(t, o, exitUnreachable)
	has(t, o.err, "no room")
}

func writeAddressFile(t *testing.T, w *world, url string) {
	t.Helper()
	file := localAddressFile(w.app.state)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"url":"`+url+`","pid":1,"region":"us-east-1","account":"123456789012"}`), 0o600); err != nil {
		t.Fatal(err)
	}
}
