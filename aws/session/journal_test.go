package session_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

func last(t *testing.T, s *session.Session) session.Entry {
	t.Helper()
	entries, err := s.Journal().Last(10)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Fatalf("%d entries, want 1: %+v", len(entries), entries)
	}
	return entries[0]
}

func TestEveryChangeIsJournalled(t *testing.T) {
	e := answering(t, 200, `{"stopDate":1}`)
	s := open(t, e.URL, func(o *session.Options) { o.Reason = "incident 7" })
	if _, err := statesOf(s).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: ptr(runARN)}); err != nil {
		t.Fatal(err)
	}
	got := last(t, s)
	if time.Since(got.Time) > time.Hour || got.Time.Location() != time.UTC {
		t.Errorf("time = %v", got.Time)
	}
	got.Time = time.Time{}
	want := session.Entry{
		Who: "arn:aws:sts::123456789012:assumed-role/operator/ann", Region: "us-east-1", Endpoint: e.URL,
		Reason: "incident 7", Service: "SFN", Operation: "StopExecution", Target: runARN, RequestID: "request-1", Result: "ok",
	}
	if got != want {
		t.Errorf("entry\n%+v, want\n%+v", got, want)
	}
}

func TestARefusedChangeIsJournalledWithItsError(t *testing.T) {
	e := answering(t, 400, `{"__type":"ExecutionDoesNotExist","message":"no such run"}`)
	s := open(t, e.URL, nil)
	_, err := statesOf(s).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: ptr(runARN)})
	want(t, err, ops.NotFound)
	if got := last(t, s); !strings.Contains(got.Result, "no such run") || got.RequestID != "request-1" {
		t.Errorf("entry %+v", got)
	}
}

func TestAStartIsJournalledWithTheRunsName(t *testing.T) {
	e := answering(t, 200, `{"executionArn":"`+runARN+`","startDate":1}`)
	s := open(t, e.URL, nil)
	if _, err := statesOf(s).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: ptr("machine"), Name: ptr("one")}); err != nil {
		t.Fatal(err)
	}
	if got := last(t, s).Target; got != "machine, run one" {
		t.Errorf("target = %q", got)
	}
}

func TestReadsAreNotJournalled(t *testing.T) {
	e := answering(t, 200, `{"executions":[]}`)
	s := open(t, e.URL, nil)
	if _, err := statesOf(s).ListExecutions(t.Context(), &sfn.ListExecutionsInput{}); err != nil {
		t.Fatal(err)
	}
	if entries, err := s.Journal().Last(10); err != nil || len(entries) != 0 {
		t.Errorf("entries %v, error %v", entries, err)
	}
}

func TestATokenNeverReachesTheJournal(t *testing.T) {
	const token = "AQCAAAAAKgAAAAMAAAAAsecret"
	e := answering(t, 200, `{}`)
	s := open(t, e.URL, nil)
	ctx := ops.WithTarget(t.Context(), runARN)
	if _, err := statesOf(s).SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: ptr(token)}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(s.Journal().Path())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), token) {
		t.Errorf("the journal holds the token: %s", content)
	}
	if got := last(t, s); !strings.HasPrefix(got.Target, runARN+", task token #") {
		t.Errorf("target = %q", got.Target)
	}
}

func TestAChangeThatCannotBeJournalledIsNotSent(t *testing.T) {
	e := answering(t, 200, `{}`)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, e.URL, func(o *session.Options) { o.Journal = session.OpenJournal(filepath.Join(file, "audit.jsonl")) })
	_, err := statesOf(s).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: ptr(runARN)})
	want(t, err, ops.Failed, "was not sent", "audit journal")
	if calls := e.calls(); len(calls) != 0 {
		t.Errorf("sent: %v", calls)
	}
}

func TestATokenThatAWSQuotesIsNeitherKeptNorShown(t *testing.T) {
	const token = "AQCAAAAAKgAAAAMAAAAAsecret"
	e := answering(t, 400, `{"__type":"ValidationException","message":"Value '`+token+`' at 'taskToken' failed to satisfy constraint"}`)
	s := open(t, e.URL, nil)
	_, err := statesOf(s).SendTaskFailure(t.Context(), &sfn.SendTaskFailureInput{TaskToken: ptr(token)})
	want(t, err, ops.Usage, "at 'taskToken'", "task token #")
	if strings.Contains(err.Error(), token) {
		t.Errorf("shown: %v", err)
	}
	if got := last(t, s).Result; strings.Contains(got, token) || !strings.Contains(got, "at 'taskToken'") {
		t.Errorf("kept: %s", got)
	}
}

func TestASilentSTSHoldsNoChangeBack(t *testing.T) {
	aws := answering(t, 200, `{"stopDate":1}`)
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			aws.ServeHTTP(w, r)
			return
		}
		// The server notices that the caller has left only once the body is read.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	s := open(t, silent.URL, nil)
	if _, err := statesOf(s).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: ptr(runARN)}); err != nil {
		t.Fatal(err)
	}
	if got := last(t, s); !strings.HasPrefix(got.Who, "local user ") || got.Result != "ok" {
		t.Errorf("entry %+v", got)
	}
}

func TestADamagedLineHidesNoOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	text := `{"operation":"StopExecution","result":"ok"}` + "\n" + `{"operation":"Star` + "\n" + `{"operation":"RedriveExecution","result":"ok"}` + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := session.OpenJournal(path).Last(3)
	if err != nil || len(entries) != 3 {
		t.Fatalf("entries %+v, error %v", entries, err)
	}
	if entries[0].Operation != "StopExecution" || !strings.Contains(entries[1].Result, "damaged") || entries[2].Operation != "RedriveExecution" {
		t.Errorf("entries %+v", entries)
	}
}
