package image

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// withheld is the refusal where it was the base's registry that refused: a push reads nothing but
// the base's layers. In ECR both are one.
func (b Base) withheld(err error) error {
	var answer *transport.Error
	if b.Digest == "" || !errors.As(err, &answer) || answer.Request == nil || answer.Request.Method != http.MethodGet {
		return nil
	}
	of := Recipe{Base: b.Reference()}
	ref, unread := parse(of)
	if unread != nil || privateHost(ref.at.Context().RegistryStr()) {
		return nil
	}
	if asked := answer.Request.URL.Path; asked == "/v2/" || strings.Contains(asked, "/manifests/") {
		return nil
	}
	return baseProblem(answer, ref, of)
}

// otherWays are those to an image without the base.
const otherWays = "take another base (--base IMAGE), a Dockerfile (--dockerfile, --file), or scratch (--base scratch) where tasks run without the image"

// baseProblem puts into words why there is no base.
func baseProblem(err error, ref reference, r Recipe) error {
	var known *ops.Problem
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	host, image := ref.at.Context().RegistryStr(), ref.name
	if ref.pinned {
		image += "@" + ref.at.Identifier()
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return refuse(ops.Unreachable, err, "check the network; or "+otherWays, "the base image %s cannot be reached", image)
	}
	said := worded(answer)
	if said.Error() == "" {
		said = answer
	}
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return refuse(ops.NotFound, said, "check its name and tag; or "+otherWays, "there is no base image %s", image)
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return refuse(ops.Denied, said, "check its name; log in with docker login "+host+", or out where an old login is kept; or "+otherWays,
			"%s does not give out the base image %s", host, image)
	case answer.StatusCode == http.StatusTooManyRequests:
		return refuse(ops.Throttled, said, "try again in some minutes, or log in with docker login "+host+"; or "+otherWays, "%s throttles the reading of the base image %s", host, image)
	case answer.StatusCode >= http.StatusInternalServerError:
		return refuse(ops.Unreachable, said, "try again in a minute; or "+otherWays, "the registry of the base image %s is in trouble", image)
	default:
		return refuse(ops.Failed, answer, otherWays, "the base image %s cannot be read", r.Base)
	}
}
