package registry

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	out := &batchDeleteOutput{IDs: []imageID{}, Failures: []imageFailure{}}
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
	return out, s.sweep(r)
}

// remove takes a tag or the whole image away, and tells what went.
func (s *Service) remove(r *repository, i *image, id imageID) ([]imageID, error) {
	if id.Digest == "" && len(i.Tags) > 1 {
		i.Tags = slices.DeleteFunc(i.Tags, func(t string) bool { return t == id.Tag })
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

// sweep removes the layers that no image is made of any more.
func (s *Service) sweep(r *repository) error {
	used := map[string]bool{}
	for _, i := range r.images {
		parts, err := partsOf(i.Manifest, i.MediaType)
		if err != nil {
			return fmt.Errorf("read the manifest %s of %s: %w", i.Digest, r.Name, err)
		}
		for _, b := range parts.blobs {
			used[b.Digest.Hex] = true
		}
	}
	folder := filepath.Join(s.folder(r.Name), "sha256")
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("read the layers of %s: %w", r.Name, err)
	}
	for _, entry := range entries {
		if used[entry.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return fmt.Errorf("remove a layer of %s: %w", r.Name, err)
		}
	}
	return nil
}
