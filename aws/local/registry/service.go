// Package registry is ECR of local AWS: its API, and the registry to push to and pull from.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Options are what a Service works with. All but Before are needed.
type Options struct {
	Store *store.Store
	// Dir keeps layers and configurations, a folder for each repository.
	Dir   string
	Clock clock.Clock
	// Account and Region stand in ARNs and in the repositories' URIs.
	Account, Region string
	// Endpoint is where Handler is served, as http://HOST:PORT: the proxyEndpoint of every login.
	Endpoint string
	// Before runs ahead of every request to the registry itself, named by the action that
	// IAM knows it as, such as "PutImage"; an error is answered in its place.
	Before func(ctx context.Context, call wire.Call) error
}

// Service holds the repositories and manifests in memory and writes through to the store.
type Service struct {
	opts  Options
	blobs http.Handler

	mu           sync.Mutex
	repositories map[string]*repository
	// logins are the passwords handed out, with their end.
	logins map[string]time.Time
}

// New loads what the store has. The caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Account == "" || opts.Region == "" || opts.Dir == "" || opts.Endpoint == "" {
		return nil, errors.New("registry: store, folder, clock, account, region and endpoint must be given")
	}
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of images: %w", err)
	}
	s := &Service{opts: opts, repositories: map[string]*repository{}, logins: map[string]time.Time{}}
	s.blobs = blobServer(opts.Dir)
	if err := errors.Join(s.load(), s.removeUnfinished()); err != nil {
		return nil, fmt.Errorf("load repositories: %w", err)
	}
	return s, nil
}

// Close has nothing to end: no goroutine outlives a call.
func (s *Service) Close() error { return nil }

// Host is the name of the account's registry, as it stands in the URIs of repositories.
func (s *Service) Host() string {
	return s.opts.Account + ".dkr.ecr." + s.opts.Region + ".amazonaws.com"
}

// API is the service for the router.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "ecr", Target: "AmazonEC2ContainerRegistry_V20150921", JSON: "1.1",
		Operations: map[string]wire.Handler{
			"CreateRepository":              wire.Op(s.createRepository),
			"DescribeRepositories":          wire.Op(s.describeRepositories),
			"DeleteRepository":              wire.Op(s.deleteRepository),
			"PutImageTagMutability":         wire.Op(s.putImageTagMutability),
			"PutImageScanningConfiguration": wire.Op(s.putImageScanningConfiguration),
			"PutLifecyclePolicy":            wire.Op(s.putLifecyclePolicy),
			"GetLifecyclePolicy":            wire.Op(s.getLifecyclePolicy),
			"DeleteLifecyclePolicy":         wire.Op(s.deleteLifecyclePolicy),
			"TagResource":                   wire.Op(s.tagResource),
			"UntagResource":                 wire.Op(s.untagResource),
			"ListTagsForResource":           wire.Op(s.listTagsForResource),
			"DescribeImages":                wire.Op(s.describeImages),
			"ListImages":                    wire.Op(s.listImages),
			"BatchGetImage":                 wire.Op(s.batchGetImage),
			"BatchDeleteImage":              wire.Op(s.batchDeleteImage),
			"BatchCheckLayerAvailability":   wire.Op(s.batchCheckLayerAvailability),
			"DescribeImageScanFindings":     wire.Op(s.describeImageScanFindings),
			"GetAuthorizationToken":         wire.Op(s.getAuthorizationToken),
		},
	}
}

func (s *Service) arn(name string) string {
	return "arn:aws:ecr:" + s.opts.Region + ":" + s.opts.Account + ":repository/" + name
}

func (s *Service) uri(name string) string { return s.Host() + "/" + name }

// folder keeps the layers of a repository.
func (s *Service) folder(name string) string { return filepath.Join(s.opts.Dir, folderName(name)) }
