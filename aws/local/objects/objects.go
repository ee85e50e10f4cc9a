// Package objects is S3 of local AWS: gofakes3 in front of files that outlast
// a restart. Bodies go from and to the disk, never through memory as a whole.
package objects

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/johannesboyne/gofakes3"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Options are what Objects work with. All but Before are needed.
type Options struct {
	// Dir keeps the objects; it is made when it is not there.
	Dir string
	// Region is the only one that requests may be signed for.
	Region string
	Clock  clock.Clock
	// Before runs ahead of every request; an error is answered in its place.
	Before func(ctx context.Context, call wire.Call) error
	// Log takes what went wrong inside.
	Log *slog.Logger
}

// Objects is the service.
type Objects struct {
	opts    Options
	index   *store.Store
	backend *backend
	inner   http.Handler
	serving sync.WaitGroup
}

// New opens the folder. The caller closes the Objects.
func New(opts Options) (*Objects, error) {
	if opts.Dir == "" || opts.Region == "" || opts.Clock == nil || opts.Log == nil {
		return nil, errors.New("objects: folder, region, clock and log must be given")
	}
	index, err := store.Open(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the objects: %w", err)
	}
	b, err := openBackend(index, filepath.Join(opts.Dir, "blobs"), opts.Clock)
	if err != nil {
		return nil, errors.Join(err, index.Close())
	}
	fake := gofakes3.New(b, gofakes3.WithTimeSource(timeSource{opts.Clock}), gofakes3.WithTimeSkewLimit(0), gofakes3.WithoutVersioning())
	return &Objects{opts: opts, index: index, backend: b, inner: fake.Server()}, nil
}

// EnsureBucket makes the bucket unless it is there.
func (o *Objects) EnsureBucket(name string) error {
	if err := gofakes3.ValidateBucketName(name); err != nil {
		return fmt.Errorf("make bucket %s: %w", name, err)
	}
	err := o.backend.CreateBucket(name)
	if err != nil && !gofakes3.HasErrorCode(err, gofakes3.ErrBucketAlreadyExists) {
		return fmt.Errorf("make bucket %s: %w", name, err)
	}
	return nil
}

// Close waits for the requests under way and closes the files.
func (o *Objects) Close() error {
	o.serving.Wait()
	return o.index.Close()
}
