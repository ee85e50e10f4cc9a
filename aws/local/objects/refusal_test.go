package objects_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// TestARefusalIsHeardByWhoSendsFirst sends more than net/http reads of a body
// on its own before it closes the connection.
func TestARefusalIsHeardByWhoSendsFirst(t *testing.T) {
	for name, test := range map[string]struct {
		bucket string
		fault  error
		status int
		code   string
	}{
		"by a fault":  {bucket, &wire.Error{Code: "ServiceQuotaExceeded", Status: http.StatusInsufficientStorage}, http.StatusInsufficientStorage, "ServiceQuotaExceeded"},
		"by a bucket": {"none-of-this-name", nil, http.StatusNotFound, "NoSuchBucket"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.answerWith(test.fault)
			conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
			noError(t, err)
			defer conn.Close()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, r.url+"/"+test.bucket+"/large", bytes.NewReader(make([]byte, 32<<20)))
			noError(t, err)
			req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none")
			noError(t, req.Write(conn))
			answer, err := http.ReadResponse(bufio.NewReader(conn), req)
			noError(t, err)
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			noError(t, err)
			if answer.StatusCode != test.status || !strings.Contains(string(text), "<Code>"+test.code+"<") {
				t.Errorf("the answer is %s: %s", answer.Status, text)
			}
		})
	}
}
