package image

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// Description is what a registry tells of an image.
type Description struct {
	Digest string
	// Architecture is the image's; empty for an index of several.
	Architecture string
	// Platforms are those of an index, as linux/arm64.
	Platforms []string
	// Base is what the image's layers stand on, where it is of layers and tells it.
	Base Base
}

// Describe reads an image of ECR by its URI, with a digest or a tag. One that is not there is a
// Problem of kind NotFound.
func (s *Service) Describe(ctx context.Context, uri string) (Description, error) {
	repositoryURI, path, reference, err := split(uri)
	if err != nil {
		return Description{}, err
	}
	login, err := s.ports.Registry.Login(ctx)
	if err != nil {
		return Description{}, err
	}
	repository, err := login.repository(path)
	if err != nil {
		return Description{}, err
	}
	target := name.Reference(repository.Tag(reference))
	if strings.Contains(reference, ":") {
		target = repository.Digest(reference)
	}
	found, err := remote.Get(target, remote.WithContext(ctx), remote.WithAuth(login.auth()), remote.WithRetryBackoff(s.backoff))
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return Description{}, refuse(ops.NotFound, errors.New("the repository has no such image"), "push it with: stepdeck image push", "the image %s is not there", uri)
	}
	if err != nil {
		return Description{}, explain(err, repositoryURI)
	}
	described, err := describeRemote(found)
	if err != nil {
		return Description{}, explain(err, repositoryURI)
	}
	return described, nil
}

// split takes the URI of an image apart.
func split(uri string) (repositoryURI, path, reference string, err error) {
	repositoryURI, reference, ok := strings.Cut(uri, "@")
	if !ok {
		at := strings.LastIndex(uri, ":")
		if at < 0 {
			return "", "", "", refuse(ops.Usage, nil, "name it by digest, as stepdeck image push prints it", "%q names no image of a repository", uri)
		}
		repositoryURI, reference = uri[:at], uri[at+1:]
	}
	path, err = repositoryName(repositoryURI)
	return repositoryURI, path, reference, err
}

func describeRemote(found *remote.Descriptor) (Description, error) {
	d := Description{Digest: found.Digest.String()}
	if found.MediaType.IsIndex() {
		index, err := found.ImageIndex()
		if err != nil {
			return d, err
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			return d, err
		}
		d.Platforms = platforms(manifest)
		return d, nil
	}
	image, err := found.Image()
	if err != nil {
		return d, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return d, err
	}
	d.Architecture = config.Architecture
	d.Base = recorded(config)
	return d, nil
}

// platforms leaves out what is no image to run, such as attestations.
func platforms(manifest *v1.IndexManifest) []string {
	var all []string
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS != "unknown" {
			all = append(all, m.Platform.OS+"/"+m.Platform.Architecture)
		}
	}
	return all
}
