package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

// fakeAWS answers operations by name and keeps the last request of each.
type fakeAWS struct {
	mu       sync.Mutex
	answers  map[string]string
	requests map[string]map[string]any
	stream   http.HandlerFunc
}

const callerIdentity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ann</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

// connected returns the ports on a server that gives the answers; an answer with __type is an error.
func connected(t *testing.T, answers map[string]string) (ops.Ports, *fakeAWS) {
	t.Helper()
	s, f := opened(t, answers)
	return client.New(s), f
}

// opened is a session on a server that gives the answers.
func opened(t *testing.T, answers map[string]string) (*session.Session, *fakeAWS) {
	t.Helper()
	f := &fakeAWS{answers: answers, requests: map[string]map[string]any{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s, err := session.Open(t.Context(), session.Options{
		Local: true, Endpoint: server.URL, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), "Action=GetCallerIdentity") {
		_, _ = io.WriteString(w, callerIdentity)
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	request := map[string]any{}
	_ = json.Unmarshal(body, &request)
	f.mu.Lock()
	f.requests[operation] = request
	answer := f.answers[operation]
	f.mu.Unlock()
	if operation == "StartLiveTail" && f.stream != nil {
		f.stream(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if answer == "" || strings.Contains(answer, "__type") {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, answer)
}

// asked returns what the last call of an operation sent.
func (f *fakeAWS) asked(operation string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[operation]
}
