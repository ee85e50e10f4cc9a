package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// manifestLimit bounds a manifest, in bytes. AWS: 4 MB.
const manifestLimit = 4 << 20

var tagPattern = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

func (s *Service) serveManifest(w http.ResponseWriter, req *http.Request, about target) error {
	if req.Method == http.MethodPut {
		return s.putManifest(w, req, about)
	}
	i, err := s.pull(about, req.Method == http.MethodGet)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", i.MediaType)
	w.Header().Set("Docker-Content-Digest", i.Digest)
	w.Header().Set("Content-Length", fmt.Sprint(len(i.Manifest)))
	w.WriteHeader(http.StatusOK)
	if req.Method == http.MethodGet {
		// Who left before the answer does not miss it.
		_, _ = w.Write(i.Manifest)
	}
	return nil
}

// pull is a copy of the image that a path names; taken notes that somebody takes it.
func (s *Service) pull(about target, taken bool) (image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.named(about.repository)
	if err != nil {
		return image{}, err
	}
	i := r.pick(idOf(about.reference))
	if i == nil {
		return image{}, refuse(http.StatusNotFound, "MANIFEST_UNKNOWN", "Requested image not found")
	}
	if taken {
		i.Pulled = s.opts.Clock.Now().UTC()
		err = s.keepImage(r, i)
	}
	return *i, err
}

// named is the repository of a path. s.mu is held.
func (s *Service) named(repository string) (*repository, error) {
	r := s.repositories[repository]
	if r == nil {
		return nil, refuse(http.StatusNotFound, "NAME_UNKNOWN", "The repository with name '%s' does not exist in the registry with id '%s'", repository, s.opts.Account)
	}
	return r, nil
}

// idOf is the image that a reference means: a digest has a colon, a tag never.
func idOf(reference string) imageID {
	if _, err := v1.NewHash(reference); err == nil {
		return imageID{Digest: reference}
	}
	return imageID{Tag: reference}
}

func (s *Service) putManifest(w http.ResponseWriter, req *http.Request, about target) error {
	text, err := io.ReadAll(io.LimitReader(req.Body, manifestLimit+1))
	if err != nil || len(text) > manifestLimit {
		return refuse(http.StatusBadRequest, "MANIFEST_INVALID", "the manifest could not be read, or is larger than %d bytes", manifestLimit)
	}
	hash, _, err := v1.SHA256(bytes.NewReader(text))
	if err != nil {
		return err
	}
	id := idOf(about.reference)
	if id.Digest != "" && id.Digest != hash.String() {
		return refuse(http.StatusBadRequest, "DIGEST_INVALID", "the manifest's digest is %s, not %s", hash, id.Digest)
	}
	if id.Tag != "" && !tagPattern.MatchString(id.Tag) {
		return refuse(http.StatusBadRequest, "TAG_INVALID", "%q cannot be a tag", id.Tag)
	}
	made, err := newImage(text, hash.String(), req.Header.Get("Content-Type"))
	if err != nil {
		return refuse(http.StatusBadRequest, "MANIFEST_INVALID", "%s", err)
	}
	if err := s.admitImage(about.repository, made, id.Tag); err != nil {
		return err
	}
	w.Header().Set("Docker-Content-Digest", made.Digest)
	w.Header().Set("Location", "/v2/"+about.repository+"/manifests/"+made.Digest)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// admitImage keeps an image whose layers are here, and gives it its tag.
func (s *Service) admitImage(repository string, made *image, tag string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.named(repository)
	if err != nil {
		return err
	}
	if err := s.complete(r, made); err != nil {
		return err
	}
	if tag != "" {
		if err := s.untag(r, tag, made.Digest); err != nil {
			return err
		}
	}
	i, known := r.images[made.Digest]
	if !known {
		i = made
		i.Pushed, i.Scanned = s.opts.Clock.Now().UTC(), r.ScanOnPush
		r.images[i.Digest] = i
	}
	if tag != "" && !slices.Contains(i.Tags, tag) {
		i.Tags = append(slices.Clone(i.Tags), tag) // answers under way have the old ones
		slices.Sort(i.Tags)
	}
	return s.keepImage(r, i)
}

// untag takes a tag from the image that has it, which an immutable repository does not let.
func (s *Service) untag(r *repository, tag, digest string) error {
	holder := r.tagged(tag)
	if holder == nil || holder.Digest == digest {
		return nil
	}
	if r.Mutability == immutable {
		return refuse(http.StatusBadRequest, "TAG_INVALID", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, r.Name)
	}
	holder.Tags = slices.DeleteFunc(slices.Clone(holder.Tags), func(t string) bool { return t == tag })
	return s.keepImage(r, holder)
}

// complete refuses an image that lacks one of its parts.
func (s *Service) complete(r *repository, i *image) error {
	parts, err := partsOf(i.Manifest, i.MediaType)
	if err != nil {
		return err
	}
	for _, b := range parts.blobs {
		if _, err := os.Stat(filepath.Join(s.folder(r.Name), b.Digest.Algorithm, b.Digest.Hex)); err != nil {
			return refuse(http.StatusNotFound, "BLOB_UNKNOWN", "Layers with digests '[%s]' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist", b.Digest, r.Name, s.opts.Account)
		}
	}
	for _, digest := range parts.manifests {
		if r.images[digest] == nil {
			return refuse(http.StatusNotFound, "MANIFEST_UNKNOWN", "Images with digests '[%s]' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist", digest, r.Name, s.opts.Account)
		}
	}
	return nil
}

// parts are what a manifest refers to.
type parts struct {
	blobs     []v1.Descriptor
	manifests []string
	bytes     int64
	artifact  string
}

// partsOf reads a manifest. An index has manifests only; an image, blobs only.
func partsOf(manifest []byte, mediaType string) (parts, error) {
	var p parts
	if types.MediaType(mediaType).IsIndex() {
		index, err := v1.ParseIndexManifest(bytes.NewReader(manifest))
		if err != nil {
			return p, fmt.Errorf("read the index: %w", err)
		}
		for _, m := range index.Manifests {
			p.manifests = append(p.manifests, m.Digest.String())
			p.bytes += m.Size
		}
		return p, nil
	}
	read, err := v1.ParseManifest(bytes.NewReader(manifest))
	if err != nil {
		return p, fmt.Errorf("read the manifest: %w", err)
	}
	p.artifact = string(read.Config.MediaType)
	p.blobs = append([]v1.Descriptor{read.Config}, read.Layers...)
	for _, l := range read.Layers {
		p.bytes += l.Size
	}
	return p, nil
}

func newImage(manifest []byte, digest, mediaType string) (*image, error) {
	if t := types.MediaType(mediaType); !t.IsImage() && !t.IsIndex() {
		return nil, fmt.Errorf("the type %q is not that of a manifest", mediaType)
	}
	p, err := partsOf(manifest, mediaType)
	if err != nil {
		return nil, err
	}
	return &image{Digest: digest, MediaType: mediaType, Artifact: p.artifact, Manifest: manifest, Bytes: p.bytes}, nil
}

func (s *Service) serveTags(w http.ResponseWriter, about target) error {
	tags, err := s.tags(about.repository)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"name": about.repository, "tags": tags})
}

// tags are those of all images of a repository, in order.
func (s *Service) tags(repository string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.named(repository)
	if err != nil {
		return nil, err
	}
	tags := []string{}
	for _, i := range r.images {
		tags = append(tags, i.Tags...)
	}
	slices.Sort(tags)
	return tags, nil
}
