package client

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// Images returns the port by which the stack's checks read images, on the session's account and
// region. Images of other registries than ECR are a Problem of kind Usage.
func Images(s *session.Session) stack.Images { return &images{service: image.New(Image(s))} }

type images struct{ service *image.Service }

func (i *images) DescribeImage(ctx context.Context, uri string) (stack.Image, error) {
	described, err := i.service.Describe(ctx, uri)
	if err != nil {
		return stack.Image{}, err
	}
	return stack.Image{Digest: described.Digest, Architecture: described.Architecture, Platforms: described.Platforms}, nil
}
