package registry

import (
	"context"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description"`
}

// unsupported is how ECR ends the scan of an image that its scanner does not know. Local AWS
// knows none.
func unsupported() *scanStatus {
	return &scanStatus{"FAILED", "UnsupportedImageError: The operating system and/or package manager are not supported."}
}

type findingsInput struct {
	Registry string  `json:"registryId"`
	Name     string  `json:"repositoryName"`
	ID       imageID `json:"imageId"`
}

type findingsOutput struct {
	Registry string      `json:"registryId"`
	Name     string      `json:"repositoryName"`
	ID       imageID     `json:"imageId"`
	Status   *scanStatus `json:"imageScanStatus"`
}

func (s *Service) describeImageScanFindings(_ context.Context, in *findingsInput) (*findingsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Registry, in.Name)
	if err != nil {
		return nil, err
	}
	i := r.pick(in.ID)
	if i == nil {
		return nil, r.noImage(in.ID, s.opts.Account)
	}
	if !i.Scanned {
		return nil, wire.Errorf("ScanNotFoundException", "Image scan does not exist for the image with '%s' in the repository with name '%s' in the registry with id '%s'", in.ID, r.Name, s.opts.Account)
	}
	return &findingsOutput{s.opts.Account, r.Name, imageID{i.Digest, in.ID.Tag}, unsupported()}, nil
}

type layersInput struct {
	Registry string   `json:"registryId"`
	Name     string   `json:"repositoryName"`
	Digests  []string `json:"layerDigests"`
}

type layer struct {
	Digest       string `json:"layerDigest"`
	Availability string `json:"layerAvailability"`
	Bytes        int64  `json:"layerSize,omitempty"`
}

type layerFailure struct {
	Digest string `json:"layerDigest"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

type layersOutput struct {
	Layers   []layer        `json:"layers"`
	Failures []layerFailure `json:"failures"`
}

func (s *Service) batchCheckLayerAvailability(_ context.Context, in *layersInput) (*layersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Registry, in.Name)
	if err != nil {
		return nil, err
	}
	out := &layersOutput{Layers: []layer{}, Failures: []layerFailure{}}
	for _, digest := range in.Digests {
		hash, err := v1.NewHash(digest)
		if err != nil {
			out.Failures = append(out.Failures, layerFailure{digest, "InvalidLayerDigest", "Invalid layer digest"})
			continue
		}
		info, err := os.Stat(filepath.Join(s.folder(r.Name), hash.Algorithm, hash.Hex))
		if err != nil {
			out.Layers = append(out.Layers, layer{Digest: digest, Availability: "UNAVAILABLE"})
			continue
		}
		out.Layers = append(out.Layers, layer{digest, "AVAILABLE", info.Size()})
	}
	return out, nil
}
