package wire

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
)

// serveQuery answers a request of the Query protocol.
func (r *Router) serveQuery(w http.ResponseWriter, req *http.Request) {
	call := CallOf(req, "")
	w.Header().Set("x-amzn-RequestId", call.RequestID)
	body, err := r.admit(req, call)
	if err != nil {
		r.failQuery(w, call, err)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		r.failQuery(w, call, Errorf("MalformedQueryString", "The request's form could not be read: %s", err))
		return
	}
	call.Operation = form.Get("Action")
	s := r.queries[form.Get("Version")]
	if s == nil || s.Operations[call.Operation] == nil {
		r.failQuery(w, call, Errorf("InvalidAction", "The action %s is not valid for this web service.", call.Operation))
		return
	}
	call.Service = s.Name
	ctx := context.WithValue(req.Context(), callKey{}, call)
	answer, err := r.run(ctx, call, func(ctx context.Context, _ []byte) (any, error) {
		return s.Operations[call.Operation](ctx, form)
	}, nil)
	if err != nil {
		r.failQuery(w, call, err)
		return
	}
	r.writeXML(w, http.StatusOK, queryAnswer(s.Namespace, call, answer))
}

// queryResponse is <ActionResponse><ActionResult>…</ActionResult><ResponseMetadata>….
type queryResponse struct {
	XMLName   xml.Name
	Result    queryResult
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

type queryResult struct {
	XMLName xml.Name
	Value   any
}

// MarshalXML writes the members of the answer as the children of the result.
func (q queryResult) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement(q.Value, xml.StartElement{Name: q.XMLName})
}

func queryAnswer(namespace string, call Call, answer any) queryResponse {
	return queryResponse{
		XMLName:   xml.Name{Space: namespace, Local: call.Operation + "Response"},
		Result:    queryResult{XMLName: xml.Name{Local: call.Operation + "Result"}, Value: answer},
		RequestID: call.RequestID,
	}
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func (r *Router) failQuery(w http.ResponseWriter, call Call, err error) {
	known := r.known(err)
	sender := "Sender"
	if known.status() >= http.StatusInternalServerError {
		sender = "Receiver"
	}
	r.writeXML(w, known.status(), queryError{Type: sender, Code: known.Code, Message: known.Message, RequestID: call.RequestID})
}

func (r *Router) writeXML(w http.ResponseWriter, status int, answer any) {
	text, err := xml.Marshal(answer)
	if err != nil {
		r.Log.Error("encode an answer", "error", err)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	r.write(w, text)
}
