package registry

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The buckets of the store: repositories under their names, images under NAME@DIGEST.
const (
	repositoryBucket = "ecr.repositories"
	imageBucket      = "ecr.images"
)

// repository is one as it is stored, with its images beside it.
type repository struct {
	Name       string            `json:"name"`
	Created    time.Time         `json:"created"`
	Mutability string            `json:"mutability"`
	ScanOnPush bool              `json:"scanOnPush"`
	Lifecycle  string            `json:"lifecycle,omitempty"`
	Encryption encryption        `json:"encryption"`
	Tags       map[string]string `json:"tags,omitempty"`

	images map[string]*image
}

// image is a manifest, or an index of manifests, and what is known of it.
type image struct {
	Digest    string    `json:"digest"`
	MediaType string    `json:"mediaType"`
	Artifact  string    `json:"artifact,omitempty"`
	Manifest  []byte    `json:"manifest"`
	Tags      []string  `json:"tags,omitempty"`
	Bytes     int64     `json:"bytes"`
	Pushed    time.Time `json:"pushed"`
	// Scanned tells that the repository asked for a scan when this was pushed.
	Scanned bool `json:"scanned,omitempty"`
	// Pulled is zero as long as nobody has.
	Pulled time.Time `json:"pulled,omitzero"`
}

func (s *Service) load() error {
	err := store.Load(s.opts.Store, repositoryBucket, "", func(name string, r *repository) error {
		r.images = map[string]*image{}
		s.repositories[name] = r
		return nil
	})
	if err != nil {
		return err
	}
	for name, r := range s.repositories {
		err = errors.Join(err, store.Load(s.opts.Store, imageBucket, name+"@", func(_ string, i *image) error {
			r.images[i.Digest] = i
			return nil
		}))
	}
	return err
}

func (s *Service) keep(r *repository) error { return s.opts.Store.Put(repositoryBucket, r.Name, r) }

func (s *Service) keepImage(r *repository, i *image) error {
	return s.opts.Store.Put(imageBucket, r.Name+"@"+i.Digest, i)
}

// find gives the repository of a request. s.mu is held.
func (s *Service) find(registry, name string) (*repository, error) {
	var v wire.Violations
	v.Required("repositoryName", name != "")
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	r := s.repositories[name]
	if r == nil || registry != "" && registry != s.opts.Account {
		if registry == "" {
			registry = s.opts.Account
		}
		return nil, wire.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, registry)
	}
	return r, nil
}

// tagged gives the image that has a tag, or nil.
func (r *repository) tagged(tag string) *image {
	for _, i := range r.images {
		if slices.Contains(i.Tags, tag) {
			return i
		}
	}
	return nil
}

// pick gives the image of an id; a digest goes before a tag, and both must agree.
func (r *repository) pick(id imageID) *image {
	if id.Digest == "" {
		return r.tagged(id.Tag)
	}
	i := r.images[id.Digest]
	if i == nil || id.Tag != "" && !slices.Contains(i.Tags, id.Tag) {
		return nil
	}
	return i
}

// newest are the images, the one pushed last first.
func (r *repository) newest() []*image {
	return slices.SortedFunc(maps.Values(r.images), func(a, b *image) int {
		if c := b.Pushed.Compare(a.Pushed); c != 0 {
			return c
		}
		if a.Digest < b.Digest {
			return -1
		}
		return 1
	})
}
