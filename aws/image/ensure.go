package image

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Builder makes the image of one recipe for whoever needs it in a repository.
type Builder struct {
	Service *Service
	Recipe  Recipe
}

// quarter is the step in which a push tells of itself by lines.
const quarter = 4

// EnsureImage builds the image and pushes it where it is not there already. It gives the image by
// digest: repositoryURI@sha256:…. progress gets one line at a time; it may be nil.
func (b Builder) EnsureImage(ctx context.Context, repositoryURI string, progress func(safe.Text)) (string, error) {
	w := Watcher{Line: progress}
	if progress != nil {
		told := int64(0)
		w.Sent = func(done, total int64) {
			if part := quarter * done / max(total, 1); part > told {
				told = part
				w.line("sent %s of %s", safe.Bytes(done), safe.Bytes(total))
			}
		}
	}
	return b.Push(ctx, repositoryURI, w)
}

// Push builds the image and pushes it where it is not there already, and gives it by digest.
func (b Builder) Push(ctx context.Context, repositoryURI string, w Watcher) (string, error) {
	built, err := b.Service.Build(ctx, b.Recipe, w)
	if err != nil {
		return "", err
	}
	if !built.Warning.Empty() {
		w.line("%s", built.Warning)
	}
	pushed, err := b.Service.Push(ctx, built, repositoryURI, w)
	return pushed.URI, err
}
