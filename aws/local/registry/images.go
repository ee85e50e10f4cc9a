package registry

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// maxIDs is the most image ids of one request.
const maxIDs = 100

// imageID names an image by its digest, a tag, or both.
type imageID struct {
	Digest string `json:"imageDigest,omitempty"`
	Tag    string `json:"imageTag,omitempty"`
}

// String is the id as ECR writes it in errors.
func (id imageID) String() string {
	digest, tag := id.Digest, id.Tag
	if digest == "" {
		digest = "null"
	}
	if tag == "" {
		tag = "null"
	}
	return fmt.Sprintf("{imageDigest:'%s', imageTag:'%s'}", digest, tag)
}

type filter struct {
	TagStatus string `json:"tagStatus"`
}

func (f *filter) check() error {
	if f == nil || f.TagStatus == "" {
		return nil
	}
	var v wire.Violations
	v.Enum("filter.tagStatus", f.TagStatus, "TAGGED", "UNTAGGED", "ANY")
	return v.ErrAs(invalidParameter)
}

func (f *filter) lets(i *image) bool {
	return f == nil || f.TagStatus != "TAGGED" && f.TagStatus != "UNTAGGED" || (f.TagStatus == "TAGGED") == (len(i.Tags) > 0)
}

type imagesInput struct {
	Registry   string    `json:"registryId"`
	Name       string    `json:"repositoryName"`
	IDs        []imageID `json:"imageIds"`
	Filter     *filter   `json:"filter"`
	MaxResults *int64    `json:"maxResults"`
	NextToken  string    `json:"nextToken"`
	MediaTypes []string  `json:"acceptedMediaTypes"`
}

type imageDetail struct {
	Registry  string        `json:"registryId"`
	Name      string        `json:"repositoryName"`
	Digest    string        `json:"imageDigest"`
	Tags      []string      `json:"imageTags,omitempty"`
	Bytes     int64         `json:"imageSizeInBytes"`
	Pushed    wire.Seconds  `json:"imagePushedAt"`
	Pulled    *wire.Seconds `json:"lastRecordedPullTime,omitempty"`
	MediaType string        `json:"imageManifestMediaType"`
	Artifact  string        `json:"artifactMediaType,omitempty"`
	Scan      *scanStatus   `json:"imageScanStatus,omitempty"`
}

type describeImagesOutput struct {
	Details   []imageDetail `json:"imageDetails"`
	NextToken string        `json:"nextToken,omitempty"`
}

func (s *Service) describeImages(_ context.Context, in *imagesInput) (*describeImagesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	images, next, err := s.some(in)
	if err != nil {
		return nil, err
	}
	out := &describeImagesOutput{Details: []imageDetail{}, NextToken: next}
	for _, i := range images {
		detail := imageDetail{
			Registry: s.opts.Account, Name: in.Name, Digest: i.Digest, Tags: i.Tags, Bytes: i.Bytes,
			Pushed: wire.Seconds(i.Pushed), Pulled: wire.SecondsOf(i.Pulled), MediaType: i.MediaType, Artifact: i.Artifact,
		}
		if i.Scanned {
			detail.Scan = unsupported()
		}
		out.Details = append(out.Details, detail)
	}
	return out, nil
}

// some gives the images asked for by id, or else a page of those that the filter lets through.
// s.mu is held.
func (s *Service) some(in *imagesInput) (images []*image, next string, err error) {
	r, err := s.find(in.Registry, in.Name)
	if err != nil {
		return nil, "", err
	}
	if err := in.Filter.check(); err != nil {
		return nil, "", err
	}
	if len(in.IDs) > 0 {
		for _, id := range in.IDs {
			i := r.pick(id)
			if i == nil {
				return nil, "", r.noImage(id, s.opts.Account)
			}
			images = append(images, i)
		}
		return images, "", nil
	}
	var digests []string
	for _, i := range r.newest() {
		if in.Filter.lets(i) {
			digests = append(digests, i.Digest)
		}
	}
	digests, next, err = page(digests, in.MaxResults, in.NextToken)
	for _, digest := range digests {
		images = append(images, r.images[digest])
	}
	return images, next, err
}

func (r *repository) noImage(id imageID, account string) error {
	return wire.Errorf("ImageNotFoundException", "The image with imageId %s does not exist within the repository with name '%s' in the registry with id '%s'", id, r.Name, account)
}

type listImagesOutput struct {
	IDs       []imageID `json:"imageIds"`
	NextToken string    `json:"nextToken,omitempty"`
}

// listImages tells each tag of an image by itself.
func (s *Service) listImages(_ context.Context, in *imagesInput) (*listImagesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	images, next, err := s.some(in)
	if err != nil {
		return nil, err
	}
	out := &listImagesOutput{IDs: []imageID{}, NextToken: next}
	for _, i := range images {
		if len(i.Tags) == 0 {
			out.IDs = append(out.IDs, imageID{Digest: i.Digest})
		}
		for _, t := range i.Tags {
			out.IDs = append(out.IDs, imageID{i.Digest, t})
		}
	}
	return out, nil
}

type gotImage struct {
	Registry  string  `json:"registryId"`
	Name      string  `json:"repositoryName"`
	ID        imageID `json:"imageId"`
	Manifest  string  `json:"imageManifest"`
	MediaType string  `json:"imageManifestMediaType"`
}

type imageFailure struct {
	ID     imageID `json:"imageId"`
	Code   string  `json:"failureCode"`
	Reason string  `json:"failureReason"`
}

func notFound(id imageID) imageFailure {
	return imageFailure{id, "ImageNotFound", "Requested image not found"}
}

type batchGetImageOutput struct {
	Images   []gotImage     `json:"images"`
	Failures []imageFailure `json:"failures"`
}

func (s *Service) batchGetImage(_ context.Context, in *imagesInput) (*batchGetImageOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.findFor(in)
	if err != nil {
		return nil, err
	}
	out := &batchGetImageOutput{Images: []gotImage{}, Failures: []imageFailure{}}
	for _, id := range in.IDs {
		i := r.pick(id)
		if i == nil {
			out.Failures = append(out.Failures, notFound(id))
			continue
		}
		out.Images = append(out.Images, gotImage{s.opts.Account, r.Name, imageID{i.Digest, id.Tag}, string(i.Manifest), i.MediaType})
	}
	return out, nil
}

// findFor is the repository of a request that must name images.
func (s *Service) findFor(in *imagesInput) (*repository, error) {
	var v wire.Violations
	v.Items("imageIds", len(in.IDs), 1, maxIDs)
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	return s.find(in.Registry, in.Name)
}
