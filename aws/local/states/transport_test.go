package states_test

import (
	"bytes"
	"io"
	"net/http"
)

// ownBody gives each request a body that the SDK does not close. The SDK
// closes its own as soon as the answer's head is there, which may be before
// net/http has made its last read of it; net/http then drops the connection in
// the middle of the answer. A server on loopback is quick enough for that.
type ownBody struct{ next http.RoundTripper }

func (o ownBody) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return o.next.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	clone := req.Clone(req.Context())
	clone.Body = io.NopCloser(bytes.NewReader(body))
	return o.next.RoundTrip(clone)
}
