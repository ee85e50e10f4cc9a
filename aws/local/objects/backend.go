package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
)

// The buckets of the index.
const (
	bucketIndex = "s3.buckets"
	objectIndex = "s3.objects"
	uploadIndex = "s3.uploads"
)

// backend keeps what is known of every object in memory and in the index, and
// their bytes in a file each.
type backend struct {
	index *store.Store
	dir   string
	clock clock.Clock

	mu      sync.RWMutex
	buckets map[string]*bucket
	uploads map[string]*upload
}

type bucket struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`

	// keys are those of objects, in order.
	keys    []string
	objects map[string]*object
}

type object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	blob
	// Meta is what comes back in headers.
	Meta     map[string]string `json:"meta,omitempty"`
	Modified time.Time         `json:"modified"`
}

func objectKey(bucket, key string) string { return bucket + "\x00" + key }

// openBackend loads the index and removes the files that it does not name:
// bodies that were under way when the process ended.
func openBackend(index *store.Store, dir string, c clock.Clock) (*backend, error) {
	b := &backend{index: index, dir: dir, clock: c, buckets: map[string]*bucket{}, uploads: map[string]*upload{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of objects: %w", err)
	}
	used := map[string]bool{}
	err := errors.Join(
		store.Load(index, bucketIndex, "", func(_ string, found *bucket) error {
			found.objects = map[string]*object{}
			b.buckets[found.Name] = found
			return nil
		}),
		store.Load(index, objectIndex, "", func(_ string, found *object) error {
			if in := b.buckets[found.Bucket]; in != nil {
				in.set(found)
				used[found.File] = true
			}
			return nil
		}),
		store.Load(index, uploadIndex, "", func(_ string, found *upload) error {
			b.uploads[found.ID] = found
			for _, p := range found.Parts {
				used[p.File] = true
			}
			return nil
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("load the objects: %w", err)
	}
	return b, b.sweep(used)
}

func (b *backend) sweep(used map[string]bool) error {
	files, err := os.ReadDir(b.dir)
	if err != nil {
		return fmt.Errorf("look for left files: %w", err)
	}
	for _, file := range files {
		if !used[file.Name()] {
			if err := b.remove(file.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove deletes a file of the folder; one that is not there is no error.
func (b *backend) remove(name string) error {
	err := os.Remove(filepath.Join(b.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the bytes of an object: %w", err)
	}
	return nil
}
