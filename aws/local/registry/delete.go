package registry

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

type batchDeleteOutput struct {
	IDs      []imageID      `json:"imageIds"`
	Failures []imageFailure `json:"failures"`
}

// batchDeleteImage removes the tag of an id, and the image with its last tag; a digest removes
// the image with all its tags.
func (s *Service) batchDeleteImage(_ context.Context, in *imagesInput) (*batchDeleteOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.findFor(in)
	if err != nil {
		return nil, err
	}
	out, before := &batchDeleteOutput{IDs: []imageID{}, Failures: []imageFailure{}}, maps.Clone(r.images)
	for _, id := range in.IDs {
		i := r.pick(id)
		if i == nil {
			out.Failures = append(out.Failures, notFound(id))
			continue
		}
		if parent := r.indexOf(i.Digest); parent != "" && id.Tag == "" {
			out.Failures = append(out.Failures, imageFailure{id, "ImageReferencedByManifestList", "Requested image referenced by manifest list: [" + parent + "]"})
			continue
		}
		gone, err := s.remove(r, i, id)
		if err != nil {
			return nil, err
		}
		out.IDs = append(out.IDs, gone...)
	}
	maps.DeleteFunc(before, func(digest string, _ *image) bool { return r.images[digest] != nil })
	return out, s.sweep(r, before)
}

// remove takes a tag or the whole image away, and tells what went.
func (s *Service) remove(r *repository, i *image, id imageID) ([]imageID, error) {
	if id.Digest == "" && len(i.Tags) > 1 {
		i.Tags = slices.DeleteFunc(slices.Clone(i.Tags), func(t string) bool { return t == id.Tag })
		return []imageID{{i.Digest, id.Tag}}, s.keepImage(r, i)
	}
	gone := []imageID{}
	for _, t := range i.Tags {
		gone = append(gone, imageID{i.Digest, t})
	}
	if len(gone) == 0 {
		gone = append(gone, imageID{Digest: i.Digest})
	}
	delete(r.images, i.Digest)
	return gone, s.opts.Store.Delete(imageBucket, r.Name+"@"+i.Digest)
}

// indexOf gives the digest of an index that an image is a part of, or "".
func (r *repository) indexOf(digest string) string {
	for _, other := range r.images {
		parts, err := partsOf(other.Manifest, other.MediaType)
		if err == nil && slices.Contains(parts.manifests, digest) {
			return other.Digest
		}
	}
	return ""
}

// sweep removes the layers of deleted images that no other is made of. Layers that no image
// has may be on their way to one.
func (s *Service) sweep(r *repository, deleted map[string]*image) error {
	used, err := r.blobsOf(r.images)
	if err != nil {
		return err
	}
	gone, err := r.blobsOf(deleted)
	if err != nil {
		return err
	}
	for blob := range gone {
		if used[blob] {
			continue
		}
		err := os.Remove(filepath.Join(s.folder(r.Name), blob.Algorithm, blob.Hex))
		if err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove a layer of %s: %w", r.Name, err)
		}
	}
	return nil
}

// blobsOf are the layers and configurations that images are made of.
func (r *repository) blobsOf(images map[string]*image) (map[v1.Hash]bool, error) {
	blobs := map[v1.Hash]bool{}
	for _, i := range images {
		parts, err := partsOf(i.Manifest, i.MediaType)
		if err != nil {
			return nil, fmt.Errorf("read the manifest %s of %s: %w", i.Digest, r.Name, err)
		}
		for _, b := range parts.blobs {
			blobs[b.Digest] = true
		}
	}
	return blobs, nil
}
