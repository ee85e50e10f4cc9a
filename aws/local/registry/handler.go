package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Handler is the registry, with paths below /v2/: what docker push, docker pull and every other
// client of the OCI distribution protocol talk to. Repositories are made by the API alone.
func (s *Service) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// refusal is an error in the words of the distribution protocol.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// target is what a path names: a part of a repository.
type target struct {
	repository string
	// part is "manifests", "blobs", "uploads" or "tags"; empty for the registry itself.
	part string
	// reference is a tag, a digest, or an upload.
	reference string
}

func parse(path string) (target, bool) {
	rest := strings.TrimSuffix(strings.TrimPrefix(path, "/v2"), "/")
	if rest == "" {
		return target{}, true
	}
	words := strings.Split(strings.TrimPrefix(rest, "/"), "/")
	n := len(words)
	switch {
	case n >= 3 && words[n-2] == "blobs" && words[n-1] == "uploads":
		return target{strings.Join(words[:n-2], "/"), "uploads", ""}, true
	case n >= 4 && words[n-3] == "blobs" && words[n-2] == "uploads":
		return target{strings.Join(words[:n-3], "/"), "uploads", words[n-1]}, true
	case n >= 3 && (words[n-2] == "manifests" || words[n-2] == "blobs" || words[n-2] == "tags"):
		return target{strings.Join(words[:n-2], "/"), words[n-2], words[n-1]}, true
	}
	return target{}, false
}

// action is the name by which IAM knows a request.
func (t target) action(method string) string {
	return map[string]string{
		"manifests GET": "BatchGetImage", "manifests HEAD": "BatchGetImage", "manifests PUT": "PutImage",
		"blobs GET": "GetDownloadUrlForLayer", "blobs HEAD": "BatchCheckLayerAvailability",
		"uploads POST": "InitiateLayerUpload", "uploads PATCH": "UploadLayerPart", "uploads PUT": "CompleteLayerUpload",
		"tags GET": "ListImages",
	}[t.part+" "+method]
}

func (s *Service) serve(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	err := s.answer(w, req)
	if err == nil {
		return
	}
	if !errors.Is(err, wire.ErrDrop) {
		// Who still writes when the connection closes does not see the answer.
		_, _ = io.Copy(io.Discard, req.Body)
	}
	s.refuse(w, err)
}

func (s *Service) answer(w http.ResponseWriter, req *http.Request) error {
	about, ok := parse(req.URL.Path)
	if !ok {
		return refuse(http.StatusNotFound, "UNSUPPORTED", "the registry has no %s", req.URL.Path)
	}
	if err := s.admit(w, req); err != nil {
		return err
	}
	if about.part == "" {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	action := about.action(req.Method)
	if action == "" {
		return refuse(http.StatusMethodNotAllowed, "UNSUPPORTED", "the registry does not %s %s", req.Method, about.part)
	}
	if s.opts.Before != nil {
		if err := s.opts.Before(req.Context(), wire.Call{Service: "ecr", Operation: action, Region: s.opts.Region, AccessKey: loginUser}); err != nil {
			return s.denied(err, action, about.repository)
		}
	}
	s.mu.Lock()
	_, err := s.named(about.repository)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	switch about.part {
	case "manifests":
		return s.serveManifest(w, req, about)
	case "tags":
		return s.serveTags(w, about)
	default:
		s.serveBlob(w, req, about.repository)
		return nil
	}
}

// admit lets in who has logged in.
func (s *Service) admit(w http.ResponseWriter, req *http.Request) error {
	switch s.login(req) {
	case loginGood:
		return nil
	case loginOver:
		return refuse(http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q,service=%q", s.opts.Endpoint+"/", "ecr.amazonaws.com"))
	return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Not Authorized")
}

// denied puts an error of the API into the registry's words.
func (s *Service) denied(err error, action, repository string) error {
	var known *wire.Error
	if !errors.As(err, &known) {
		return err
	}
	switch {
	case strings.HasPrefix(known.Code, "AccessDenied"):
		return refuse(http.StatusForbidden, "DENIED", "User: arn:aws:sts::%s:assumed-role/local/operator is not authorized to perform: ecr:%s on resource: %s because no identity-based policy allows the ecr:%s action",
			s.opts.Account, action, s.arn(repository), action)
	case strings.HasPrefix(known.Code, "Throttling"):
		return refuse(http.StatusTooManyRequests, "TOOMANYREQUESTS", "%s", known.Message)
	case known.Status >= http.StatusInternalServerError:
		return refuse(known.Status, "UNKNOWN", "%s", known.Message)
	default:
		return refuse(http.StatusForbidden, "DENIED", "%s", known.Message)
	}
}

// refuse answers an error. A drop ends the connection by the panic that net/http keeps for it.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	var known *refusal
	switch {
	case errors.Is(err, wire.ErrDrop):
		panic(http.ErrAbortHandler)
	case !errors.As(err, &known):
		known = &refusal{http.StatusInternalServerError, "UNKNOWN", "local AWS failed: " + err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(known.status)
	// Who left before the answer does not miss it.
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": known.code, "message": known.message}}})
}
