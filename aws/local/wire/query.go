package wire

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
)

// serveQuery answers a request of the Query protocol.
func (r *Router) serveQuery(w http.ResponseWriter, req *http.Request) {
	call := CallOf(req, "")
	w.Header().Set("x-amzn-RequestId", call.RequestID)
	body, err := r.admit(req, call)
	if err != nil {
		r.failQuery(w, nil, call, err)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		r.failQuery(w, nil, call, Errorf("MalformedQueryString", "The request's form could not be read: %s", err))
		return
	}
	call.Operation = form.Get("Action")
	s := r.queries[form.Get("Version")]
	if s == nil || s.Operations[call.Operation] == nil {
		r.failQuery(w, s, call, Errorf("InvalidAction", "The action %s is not valid for this web service.", call.Operation))
		return
	}
	call.Service = s.Name
	ctx := context.WithValue(req.Context(), callKey{}, call)
	answer, err := r.run(ctx, call, func(ctx context.Context, _ []byte) (any, error) {
		return s.Operations[call.Operation](ctx, form)
	}, nil)
	if err != nil {
		r.failQuery(w, s, call, err)
		return
	}
	response, err := s.answer(call, answer)
	if err != nil {
		r.failQuery(w, s, call, fmt.Errorf("encode %s: %w", call.Operation, err))
		return
	}
	r.writeXML(w, http.StatusOK, response)
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

// answer is what an operation gave, as the service writes it.
func (s *QueryService) answer(call Call, members any) (any, error) {
	name := xml.Name{Space: s.Namespace, Local: call.Operation + "Response"}
	if s.EC2 {
		return newEC2Response(name, call, members)
	}
	return queryResponse{
		XMLName:   name,
		Result:    queryResult{XMLName: xml.Name{Local: call.Operation + "Result"}, Value: members},
		RequestID: call.RequestID,
	}, nil
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// failQuery answers an error. s is nil where the service is not known.
func (r *Router) failQuery(w http.ResponseWriter, s *QueryService, call Call, err error) {
	known := r.known(err)
	if s != nil && s.EC2 {
		r.writeXML(w, known.status(), ec2Error{Code: known.Code, Message: known.Message, RequestID: call.RequestID})
		return
	}
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
