package objects

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// etagHeader carries an object's ETag through gofakes3, which would give that
// of the bytes, wrong for an object of several parts.
const etagHeader = "X-Local-Etag"

// answer puts right what gofakes3 says in its headers.
type answer struct {
	http.ResponseWriter
	body io.Reader // of the request
	// checksums: the caller wants the object's checksum, which covers the whole.
	checksums bool
	started   bool
}

// WriteHeader sends the head.
func (a *answer) WriteHeader(status int) {
	if !a.started {
		a.started = true
		if status >= http.StatusBadRequest {
			hearOut(a.body)
		}
		header := a.Header()
		if etag := header.Get(etagHeader); etag != "" {
			header.Set("ETag", `"`+etag+`"`)
		}
		header.Del(etagHeader)
		for name := range header {
			if strings.HasPrefix(name, checksumPrefix) && (!a.checksums || status != http.StatusOK) {
				header.Del(name)
			}
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(text []byte) (int, error) {
	if !a.started {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(text)
}

// hearOut reads the rest of a body before it is refused: who still writes when
// the connection closes does not see the answer.
func hearOut(body io.Reader) { _, _ = io.Copy(io.Discard, body) }

type xmlError struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	Resource  string
	RequestID string `xml:"RequestId"`
	Region    string `xml:",omitempty"`
}

// inWordsOfS3 are the errors that all services share as S3 names them.
var inWordsOfS3 = map[string]wire.Error{
	"ThrottlingException":   {Code: "SlowDown", Message: "Please reduce your request rate.", Status: http.StatusServiceUnavailable},
	"ExpiredTokenException": {Code: "ExpiredToken", Message: "The provided token has expired.", Status: http.StatusBadRequest},
	"AccessDeniedException": {Code: "AccessDenied", Message: "Access Denied", Status: http.StatusForbidden},
	"InternalFailure":       {Code: "InternalError", Message: "We encountered an internal error. Please try again.", Status: http.StatusInternalServerError},
}

// fail answers with an error. A drop ends the connection by the panic that
// net/http keeps for it.
func (o *Objects) fail(w http.ResponseWriter, req *http.Request, call wire.Call, err error) {
	if errors.Is(err, wire.ErrDrop) {
		panic(http.ErrAbortHandler)
	}
	var known *wire.Error
	if !errors.As(err, &known) {
		o.opts.Log.Error("objects", "operation", call.Operation, "error", err)
		known = &wire.Error{Code: "InternalFailure"}
	}
	said := *known
	if own, ok := inWordsOfS3[known.Code]; ok {
		said = own
	}
	if said.Status == 0 {
		said.Status = http.StatusBadRequest
	}
	hearOut(req.Body)
	w.Header().Set("x-amz-request-id", call.RequestID)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(said.Status)
	if req.Method == http.MethodHead {
		return
	}
	text := xmlError{Code: said.Code, Message: said.Message, Resource: req.URL.Path, RequestID: call.RequestID}
	if said.Code == errRegionCode {
		text.Region = o.opts.Region
	}
	if err := xml.NewEncoder(w).Encode(text); err != nil {
		o.opts.Log.Debug("the caller left before its answer", "error", err)
	}
}
