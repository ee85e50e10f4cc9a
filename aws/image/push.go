package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// Pushed is where an image is.
type Pushed struct {
	// URI is the image by digest, as a task definition takes it.
	URI    string `json:"uri"`
	Digest string `json:"digest"`
	Tag    string `json:"tag"`
	// Already tells that the repository had it: nothing was sent.
	Already bool `json:"already"`
}

// repository is one of the registry that the login is for.
func (l Login) repository(path string) (name.Repository, error) {
	u, err := url.Parse(l.Endpoint)
	if err != nil || u.Host == "" {
		return name.Repository{}, refuse(ops.Failed, err, "try again", "the registry's address %q is none", l.Endpoint)
	}
	var options []name.Option
	if u.Scheme == "http" {
		options = append(options, name.Insecure)
	}
	repository, err := name.NewRepository(u.Host+"/"+path, options...)
	if err != nil {
		return name.Repository{}, refuse(ops.Usage, err, "name the repository as ECR does", "%q is not a repository", path)
	}
	return repository, nil
}

func (l Login) auth() authn.Authenticator {
	return &authn.Basic{Username: l.User, Password: l.Password}
}

// repositoryName is the name in a repository's URI, which follows the registry's host.
func repositoryName(uri string) (string, error) {
	host, path, ok := strings.Cut(uri, "/")
	if !ok || !privateHost(host) || path == "" {
		return "", refuse(ops.Usage, nil, "name it as 123456789012.dkr.ecr.REGION.amazonaws.com/NAME", "%q is not the URI of an ECR repository", uri)
	}
	return path, nil
}

// Push sends an image to a repository, under a tag made of its content, and gives its URI. What
// the registry has is not sent again: neither the image nor, after an interruption, the layers
// that arrived. A dropped connection is taken up again.
func (s *Service) Push(ctx context.Context, b *Built, repositoryURI string, w Watcher) (Pushed, error) {
	path, err := repositoryName(repositoryURI)
	if err != nil {
		return Pushed{}, err
	}
	login, err := s.ports.Registry.Login(ctx)
	if err != nil {
		return Pushed{}, err
	}
	repository, err := login.repository(path)
	if err != nil {
		return Pushed{}, err
	}
	done := Pushed{URI: repositoryURI + "@" + b.Digest, Digest: b.Digest, Tag: b.Tag}
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithAuth(login.auth()), remote.WithRetryBackoff(s.backoff),
		remote.WithRetryStatusCodes(http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	}
	there, err := has(repository.Digest(b.Digest), options)
	if err != nil {
		return Pushed{}, explain(err, repositoryURI)
	}
	if there {
		done.Already = true
		w.line("%s is in the repository already", done.URI)
		return done, nil
	}
	err = s.ports.Registry.Change(ctx, path, func(ctx context.Context) error {
		return send(ctx, repository.Tag(b.Tag), b.image, w, options)
	})
	if refused := b.Base.withheld(err); refused != nil {
		return Pushed{}, refused
	}
	if err != nil {
		return Pushed{}, explain(told(err, repository.Digest(b.Digest), options), repositoryURI)
	}
	w.line("pushed %s", done.URI)
	return done, nil
}

func has(image name.Reference, options []remote.Option) (bool, error) {
	_, err := remote.Head(image, options...)
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// told is err, or what the registry says of the login where err has no words: a refused HEAD,
// which is sent for several layers at once, is answered without a body.
func told(err error, image name.Reference, options []remote.Option) error {
	var answer *transport.Error
	if !errors.As(err, &answer) || answer.StatusCode != http.StatusForbidden || len(answer.Errors) > 0 {
		return err
	}
	if _, worded := remote.Get(image, options...); worded != nil && strings.Contains(worded.Error(), expiredLogin) {
		return worded
	}
	return err
}

// send writes the image, and tells of the bytes in between.
func send(ctx context.Context, to name.Reference, image v1.Image, w Watcher, options []remote.Option) error {
	options = append(options, remote.WithContext(ctx))
	if w.Sent != nil {
		transport, err := newGauge(image, w.Sent)
		if err != nil {
			return err
		}
		options = append(options, remote.WithTransport(transport))
	}
	err := remote.Write(to, image, options...)
	if ctx.Err() != nil {
		return fmt.Errorf("push: %w", ctx.Err())
	}
	return err
}
