package session_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/stepdeck/stepdeck/aws/session"
)

// endpoint is an AWS that answers every call alike, except GetCallerIdentity, and keeps what it was asked.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	status int
	body   string
}

const callerIdentity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/operator/ann</Arn><UserId>AROA:ann</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`

func answering(t *testing.T, status int, body string) *endpoint {
	e := &endpoint{status: status, body: body}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), "Action=GetCallerIdentity") {
		_, _ = io.WriteString(w, callerIdentity)
		return
	}
	e.mu.Lock()
	e.asked = append(e.asked, r.Header.Get("X-Amz-Target"))
	e.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", "request-1")
	w.WriteHeader(e.status)
	_, _ = io.WriteString(w, e.body)
}

func (e *endpoint) calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.asked...)
}

// open makes a session with local credentials; nothing of the machine's AWS files takes part.
func open(t *testing.T, url string, change func(*session.Options)) *session.Session {
	t.Helper()
	o := session.Options{
		Local: true, Endpoint: url,
		Journal: session.OpenJournal(filepath.Join(t.TempDir(), "state", "audit.jsonl")),
	}
	if change != nil {
		change(&o)
	}
	s, err := session.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// noAWSFiles hides the machine's own AWS configuration from a test.
func noAWSFiles(t *testing.T) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_PROFILE": "", "AWS_REGION": "",
		"AWS_DEFAULT_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_ENDPOINT_URL": "",
	} {
		t.Setenv(name, value)
	}
}

func statesOf(s *session.Session) *sfn.Client { return sfn.NewFromConfig(s.Config()) }
