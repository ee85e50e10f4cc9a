// Package image holds the use cases of the image that tasks run: build it, with and without a
// container engine, push it, and tell how what is deployed, what is newest and what is here
// differ. They speak to AWS through the ports declared here.
package image

import (
	"context"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Login is what a registry wants to see of who pushes and pulls.
type Login struct {
	// Endpoint is where the registry is, as https://HOST. AWS: the proxyEndpoint.
	Endpoint       string
	User, Password string
}

// Repository is one as ECR describes it.
type Repository struct {
	ARN, Name, URI string
	// Immutable tags cannot be moved to another image.
	Immutable bool
}

// Stored is an image of a repository.
type Stored struct {
	Digest string    `json:"digest"`
	Tags   []string  `json:"tags"`
	Bytes  int64     `json:"bytes"` // compressed
	Pushed time.Time `json:"pushed"`
}

// Findings are what the scan of an image found.
type Findings struct {
	// Status is ECR's word, such as COMPLETE, IN_PROGRESS or FAILED; empty where there was no scan.
	Status string    `json:"status,omitempty"`
	Reason safe.Text `json:"reason,omitzero"`
	// Counts are by severity: CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL, UNDEFINED.
	Counts map[string]int `json:"counts,omitempty"`
}

// Revision is a task definition's revision and the images that its containers run.
type Revision struct {
	ARN    string
	Images []string
}

// Registry is ECR. A repository that is not there is a Problem of kind NotFound.
type Registry interface {
	Login(ctx context.Context) (Login, error)
	Repository(ctx context.Context, name string) (Repository, error)
	// Images are those of a repository, the one pushed last first.
	Images(ctx context.Context, repository string) ([]Stored, error)
	Findings(ctx context.Context, repository, digest string) (Findings, error)
	// Change does a push: not in a read-only session, and with an entry in the journal.
	Change(ctx context.Context, repository string, push func(context.Context) error) error
}

// Definitions reads task definitions.
type Definitions interface {
	// Active are the revisions of a family that tasks can be started from, the newest first.
	Active(ctx context.Context, family string) ([]Revision, error)
}

// Ports are all that the use cases need of AWS.
type Ports struct {
	Registry    Registry
	Definitions Definitions
}

// Watcher is told how a build or a push goes. Either may be nil. Both are called from one
// goroutine at a time.
type Watcher struct {
	// Line is a line to read.
	Line func(safe.Text)
	// Sent tells bytes of a push: how many are done of how many.
	Sent func(done, total int64)
}

func (w Watcher) line(format string, args ...any) {
	if w.Line != nil {
		w.Line(safe.Linef(format, args...))
	}
}

// Service does the use cases on the ports. It is safe for concurrent use.
type Service struct {
	ports   Ports
	backoff remote.Backoff
	lookUp  time.Duration
}

// New makes the service.
func New(p Ports) *Service {
	return &Service{
		ports: p, lookUp: lookUpLimit,
		backoff: remote.Backoff{Duration: time.Second, Factor: 2, Jitter: 0.2, Steps: 6, Cap: 20 * time.Second},
	}
}

// WithRetry makes the first pause before a request to the registry is sent again, which the
// others grow from.
func (s *Service) WithRetry(pause time.Duration) *Service {
	s.backoff.Duration = pause
	return s
}

// WithLookUp limits the search for a base in its registry.
func (s *Service) WithLookUp(limit time.Duration) *Service {
	s.lookUp = limit
	return s
}
