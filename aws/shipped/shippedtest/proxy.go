package shippedtest

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stepdeck/stepdeck/aws/transport"
)

// Proxy forwards to an endpoint for as long as the test lasts. It ends bodies at their announced
// length, as transport.Exact does: net/http would look behind what a server has closed by then, and
// break the connection in the middle of the answer.
func Proxy(t testing.TB, endpoint string) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	onward := &http.Transport{}
	t.Cleanup(onward.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: exact{transport.Exact(sender{onward})},
	}
}

type (
	sender struct{ *http.Transport }
	exact  struct{ transport.Doer }
)

func (s sender) Do(r *http.Request) (*http.Response, error)       { return s.RoundTrip(r) }
func (e exact) RoundTrip(r *http.Request) (*http.Response, error) { return e.Do(r) }
