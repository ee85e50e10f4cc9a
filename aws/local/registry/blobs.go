package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	inner "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// blobServer takes and gives layers and configurations.
func blobServer(dir string) http.Handler {
	return inner.New(inner.WithBlobHandler(blobs{dir}), inner.Logger(log.New(io.Discard, "", 0)))
}

// blobs keeps each repository's in a folder of its own, so that they go with it. The repository
// is the context's: the server below gives another name for the end of an upload.
type blobs struct{ dir string }

type repositoryKey struct{}

// serveBlob answers a request for a part of a repository that is there.
func (s *Service) serveBlob(w http.ResponseWriter, req *http.Request, repository string) {
	s.blobs.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), repositoryKey{}, repository)))
}

// folderName is a repository's folder: one level, whatever the name has.
func folderName(repository string) string { return url.PathEscape(repository) }

// disk is the handler that keeps and checks the files of a repository.
func (b blobs) disk(ctx context.Context) (interface {
	inner.BlobHandler
	inner.BlobStatHandler
	inner.BlobPutHandler
}, error,
) {
	repository, _ := ctx.Value(repositoryKey{}).(string)
	folder := filepath.Join(b.dir, folderName(repository))
	// The handler makes all folders but this one, in which it begins its files.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", repository, err)
	}
	return inner.NewDiskBlobHandler(folder).(interface {
		inner.BlobHandler
		inner.BlobStatHandler
		inner.BlobPutHandler
	}), nil
}

// removeUnfinished removes the files of uploads that ended with the process before.
func (s *Service) removeUnfinished() error {
	left, err := filepath.Glob(filepath.Join(s.opts.Dir, "*", "upload-*"))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// Stat gives a blob's size.
func (b blobs) Stat(ctx context.Context, name string, h v1.Hash) (int64, error) {
	disk, err := b.disk(ctx)
	if err != nil {
		return 0, err
	}
	return disk.Stat(ctx, name, h)
}

// Get opens a blob.
func (b blobs) Get(ctx context.Context, name string, h v1.Hash) (io.ReadCloser, error) {
	disk, err := b.disk(ctx)
	if err != nil {
		return nil, err
	}
	file, err := disk.Get(ctx, name, h)
	if errors.Is(err, os.ErrNotExist) {
		return nil, inner.ErrNotFound
	}
	return file, err
}

// Put keeps a blob whose digest the caller checks while it is read.
func (b blobs) Put(ctx context.Context, name string, h v1.Hash, content io.ReadCloser) error {
	disk, err := b.disk(ctx)
	if err != nil {
		return err
	}
	return disk.Put(ctx, name, h, content)
}
