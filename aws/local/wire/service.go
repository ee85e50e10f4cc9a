// Package wire speaks the protocols of AWS: JSON 1.0 and 1.1 by X-Amz-Target,
// Query with XML answers, errors, and event streams.
package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
)

// Handler answers one operation: its JSON body in, a value to encode out. An
// error that is not an *Error is answered as an InternalFailure, status 500.
type Handler func(ctx context.Context, body []byte) (any, error)

// StreamHandler answers one operation with an event stream. It returns when
// the stream has ended or ctx is done; an *Error becomes an exception in the stream.
type StreamHandler func(ctx context.Context, body []byte, stream *Stream) error

// Service is one service of the JSON protocols.
type Service struct {
	// Name is the name that requests are signed for: "states", "ecs", "logs".
	Name string
	// Target is what stands before the dot in X-Amz-Target.
	Target string
	// JSON is the protocol's version, "1.0" or "1.1".
	JSON string
	// ErrorSpace stands before the '#' in an error's __type; it may be empty.
	ErrorSpace string
	// Operations by name.
	Operations map[string]Handler
	// Streams are the operations that answer with an event stream.
	Streams map[string]StreamHandler
}

// QueryService is one service of the Query protocol.
type QueryService struct {
	// Name is the name that requests are signed for.
	Name string
	// Version is the API's date, which tells services apart.
	Version string
	// Namespace is the XML namespace of the answers.
	Namespace string
	// EC2 has answers in the dialect of EC2: members without a result element
	// around them, and its own form of errors.
	EC2 bool
	// Operations by Action. The result is encoded with encoding/xml inside
	// <ActionResponse><ActionResult>.
	Operations map[string]func(ctx context.Context, form url.Values) (any, error)
}

// Call tells a handler who asked for what. The router puts it in the context.
type Call struct {
	Service, Operation string
	// Region is the one that the request was signed for; empty for a URL signed by version 2.
	Region string
	// AccessKey is the caller's access key id; empty when the request came
	// from inside local AWS.
	AccessKey string
	// RequestID is the id that the answer carries.
	RequestID string
}

type callKey struct{}

// CallFrom is the call that ctx belongs to; the zero Call outside of one.
func CallFrom(ctx context.Context) Call {
	call, _ := ctx.Value(callKey{}).(Call)
	return call
}

// Op is a Handler made of a function on plain structs. Unknown members are
// ignored, as AWS does; a member of the wrong type is a SerializationException.
func Op[In, Out any](f func(context.Context, *In) (*Out, error)) Handler {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if err := Decode(body, in); err != nil {
			return nil, err
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// Decode reads a request's body into a struct; an empty body is an empty request.
func Decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err := json.Unmarshal(body, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return Errorf("SerializationException", "The member '%s' can not be a JSON %s", wrong.Field, wrong.Value)
	case err != nil:
		return Errorf("SerializationException", "The request body is not a JSON object: %s", err)
	}
	return nil
}

// Encode is the JSON text of an answer.
func Encode(answer any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
