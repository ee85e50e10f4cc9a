package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
)

// bodyLimit bounds a request of the JSON and Query protocols, in bytes.
const bodyLimit = 8 << 20

// Router sends each request to its service. Register everything before it serves.
type Router struct {
	// Region is the only one that requests may be signed for.
	Region string
	// Before runs ahead of every operation, also of those from inside local
	// AWS; an error is answered in the operation's place. It may be nil.
	Before func(ctx context.Context, call Call) error
	// Objects answers what no other service takes: S3. It may be nil.
	Objects http.Handler
	// Registry answers paths below /v2/: the images of ECR. It may be nil.
	Registry http.Handler
	// Admin answers paths below /_local/, which are not AWS's. It may be nil.
	Admin http.Handler
	// Log takes what went wrong inside.
	Log *slog.Logger

	targets map[string]*Service
	names   map[string]*Service
	queries map[string]*QueryService
}

// Register adds a JSON service.
func (r *Router) Register(s Service) {
	if r.targets == nil {
		r.targets, r.names = map[string]*Service{}, map[string]*Service{}
	}
	r.targets[s.Target], r.names[s.Name] = &s, &s
}

// RegisterQuery adds a Query service.
func (r *Router) RegisterQuery(s QueryService) {
	if r.queries == nil {
		r.queries = map[string]*QueryService{}
	}
	r.queries[s.Version] = &s
}

// RegisterInside adds operations that only Invoke reaches, for services whose
// protocol on the wire is not JSON.
func (r *Router) RegisterInside(name string, operations map[string]Handler) {
	if r.names == nil {
		r.targets, r.names = map[string]*Service{}, map[string]*Service{}
	}
	r.names[name] = &Service{Name: name, Operations: operations}
}

// ErrDrop is returned from Before to close the connection without an answer.
var ErrDrop = errors.New("connection dropped on demand")

// ServeHTTP answers one request.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch {
	case !fromHere(req):
		http.Error(w, "local AWS answers programs on its own computer only", http.StatusForbidden)
	case strings.HasPrefix(req.URL.Path, "/_local/") && r.Admin != nil:
		r.Admin.ServeHTTP(w, req)
	case strings.HasPrefix(req.URL.Path, "/v2/") && r.Registry != nil:
		r.Registry.ServeHTTP(w, req)
	case req.Header.Get("X-Amz-Target") != "":
		r.serveJSON(w, req)
	case req.Method == http.MethodPost && strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		r.serveQuery(w, req)
	case r.Objects != nil:
		r.Objects.ServeHTTP(w, req)
	default:
		http.NotFound(w, req)
	}
}

// Invoke calls an operation from inside local AWS, in JSON: of a service of the
// JSON protocols, or one added by RegisterInside. An error
// of the operation is an *Error.
func (r *Router) Invoke(ctx context.Context, service, operation string, body []byte) ([]byte, error) {
	s, ok := r.names[service]
	if !ok || s.Operations[operation] == nil {
		return nil, Errorf("UnknownOperationException", "local AWS has no operation %s of %s", operation, service)
	}
	call := Call{Service: service, Operation: operation, Region: r.Region, RequestID: ids.UUID()}
	answer, err := r.run(context.WithValue(ctx, callKey{}, call), call, s.Operations[operation], body)
	if err != nil {
		return nil, err
	}
	return Encode(answer)
}

func (r *Router) run(ctx context.Context, call Call, handle Handler, body []byte) (any, error) {
	if err := r.before(ctx, call); err != nil {
		return nil, err
	}
	return handle(ctx, body)
}

func (r *Router) before(ctx context.Context, call Call) error {
	if r.Before == nil {
		return nil
	}
	return r.Before(ctx, call)
}

func (r *Router) serveJSON(w http.ResponseWriter, req *http.Request) {
	target, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	s := r.targets[target]
	call := CallOf(req, operation)
	w.Header().Set("x-amzn-RequestId", call.RequestID)
	if s == nil {
		r.failJSON(w, &Service{JSON: "1.1"}, Errorf("UnknownOperationException", "local AWS has no service %s", target))
		return
	}
	call.Service = s.Name
	ctx := context.WithValue(req.Context(), callKey{}, call)
	body, err := r.admit(req, call)
	if err != nil {
		r.failJSON(w, s, err)
		return
	}
	if stream := s.Streams[operation]; stream != nil {
		r.serveStream(ctx, w, s, call, stream, body)
		return
	}
	handle := s.Operations[operation]
	if handle == nil {
		r.failJSON(w, s, Errorf("UnknownOperationException", "local AWS has no operation %s of %s", operation, s.Name))
		return
	}
	answer, err := r.run(ctx, call, handle, body)
	if err != nil {
		r.failJSON(w, s, err)
		return
	}
	text, err := Encode(answer)
	if err != nil {
		r.failJSON(w, s, fmt.Errorf("encode %s: %w", operation, err))
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.JSON)
	r.write(w, text)
}

func (r *Router) serveStream(ctx context.Context, w http.ResponseWriter, s *Service, call Call, handle StreamHandler, body []byte) {
	stream := newStream(w)
	err := r.before(ctx, call)
	if err == nil {
		err = handle(ctx, body, stream)
	}
	var known *Error
	switch {
	case err == nil || ctx.Err() != nil:
	case !stream.started:
		r.failJSON(w, s, err)
	case errors.As(err, &known):
		if err := stream.exception(known); err != nil {
			r.Log.Debug("the caller left before its answer", "error", err)
		}
	default:
		r.Log.Error("stream", "operation", call.Operation, "error", err)
	}
}

// admit reads the body of a request that is signed for this region.
func (r *Router) admit(req *http.Request, call Call) ([]byte, error) {
	if call.AccessKey == "" {
		return nil, &Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
	}
	if r.Region != "" && call.Region != r.Region {
		return nil, &Error{
			Code:    "InvalidSignatureException",
			Message: fmt.Sprintf("Credential should be scoped to a valid region, not '%s'. ", call.Region), Status: http.StatusForbidden,
		}
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, bodyLimit+1))
	if err != nil {
		return nil, Errorf("SerializationException", "The request body could not be read: %s", err)
	}
	if len(body) > bodyLimit {
		return nil, &Error{Code: "RequestEntityTooLargeException", Message: "The request body is too large", Status: http.StatusRequestEntityTooLarge}
	}
	return body, nil
}

func (r *Router) failJSON(w http.ResponseWriter, s *Service, err error) {
	known := r.known(err)
	body := map[string]any{"__type": known.Code, "message": known.Message}
	if s.ErrorSpace != "" {
		body["__type"] = s.ErrorSpace + "#" + known.Code
	}
	for name, value := range known.Fields {
		body[name] = value
	}
	text, err := Encode(body)
	if err != nil {
		r.Log.Error("encode an error", "error", err)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.JSON)
	w.Header().Set("x-amzn-ErrorType", known.Code)
	w.WriteHeader(known.status())
	r.write(w, text)
}

// known is err as an error of AWS. A drop ends the connection by the panic
// that net/http keeps for it.
func (r *Router) known(err error) *Error {
	var known *Error
	switch {
	case errors.Is(err, ErrDrop):
		panic(http.ErrAbortHandler)
	case errors.As(err, &known):
		return known
	default:
		r.Log.Error("operation failed inside local AWS", "error", err)
		return &Error{Code: "InternalFailure", Message: "local AWS failed: " + err.Error(), Status: http.StatusInternalServerError}
	}
}

func (r *Router) write(w http.ResponseWriter, text []byte) {
	if _, err := io.Copy(w, bytes.NewReader(text)); err != nil {
		r.Log.Debug("the caller left before its answer", "error", err)
	}
}

// fromHere refuses what a web page has a browser send: local AWS runs programs, and a page's host
// name may be made to resolve to loopback. The SDKs send no Origin, and name loopback as the host.
func fromHere(req *http.Request) bool {
	host := req.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(strings.ToLower(host), "[]")
	ip := net.ParseIP(host)
	local := ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".127.0.0.1")
	return local && req.Header.Get("Origin") == ""
}

// credential is the scope in a SigV4 Authorization header.
var credential = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// CallOf is the call that a request makes, for handlers that the router passes
// requests to unread. The signature may be in the URL.
func CallOf(req *http.Request, operation string) Call {
	call := Call{Operation: operation, RequestID: ids.UUID()}
	scope := req.Header.Get("Authorization")
	if scope == "" {
		scope = "Credential=" + req.URL.Query().Get("X-Amz-Credential")
	}
	if m := credential.FindStringSubmatch(scope); m != nil {
		call.AccessKey, call.Region, call.Service = m[1], m[2], m[3]
	} else {
		// Signature version 2, which boto3 still signs URLs with, has no scope.
		call.AccessKey = req.URL.Query().Get("AWSAccessKeyId")
	}
	return call
}
