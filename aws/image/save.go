package image

import (
	"fmt"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Save writes the image to a file that docker load and podman load take.
func (b *Built) Save(path string) error {
	tag, err := name.NewTag("stepdeck:" + b.Tag)
	if err != nil {
		return fmt.Errorf("name the image: %w", err)
	}
	if err := tarball.WriteToFile(path, tag, b.image); err != nil {
		_ = os.Remove(path) // half an image is none
		return fmt.Errorf("write the image to %s: %w", path, err)
	}
	return nil
}
