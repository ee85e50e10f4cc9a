package transport_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/transport"
)

// closing is a body that the SDK has closed behind net/http's back: what is
// read after its last byte is an error.
type closing struct {
	text   *strings.Reader
	closed bool
}

func (c *closing) Read(p []byte) (int, error) {
	if c.text.Len() == 0 {
		return 0, errors.New("read of a closed body")
	}
	return c.text.Read(p)
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// reader is an endpoint that reads a body to its end as net/http does.
type reader struct{ got string }

func (r *reader) Do(req *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(req.Body)
	r.got = string(text)
	return &http.Response{Body: http.NoBody}, errors.Join(err, req.Body.Close())
}

// send sends the request and is done with its answer.
func send(endpoint *reader, req *http.Request) error {
	answer, err := transport.Exact(endpoint).Do(req)
	return errors.Join(err, answer.Body.Close())
}

func TestABodyEndsAtItsLength(t *testing.T) {
	body := &closing{text: strings.NewReader("hello")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 5
	var endpoint reader
	if err := send(&endpoint, req); err != nil {
		t.Errorf("the read behind the end reached the body: %v", err)
	}
	if endpoint.got != "hello" || !body.closed {
		t.Errorf("sent %q, closed %v", endpoint.got, body.closed)
	}
}

func TestABodyOfUnknownLengthPasses(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", io.NopCloser(strings.NewReader("hello")))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = -1
	var endpoint reader
	if err := send(&endpoint, req); err != nil || endpoint.got != "hello" {
		t.Errorf("sent %q, %v", endpoint.got, err)
	}
}
