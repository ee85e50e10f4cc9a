package image

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// lookUpLimit bounds the search for a base in a registry, with all of its retries. Its layers are
// read later, as long as that takes.
const lookUpLimit = 20 * time.Second

// errLate ends a search that took too long.
var errLate = errors.New("it did not answer in time")

// errNoTag tells of a name that would mean another image tomorrow, without saying so.
var errNoTag = errors.New("there is no tag")

// reference is a base's in a registry.
type reference struct {
	// name is REGISTRY/NAME:TAG, without the tag where none was given.
	name   string
	pinned bool
	at     name.Reference
}

// parse reads NAME:TAG, NAME@sha256:… or NAME:TAG@sha256:….
func parse(r Recipe) (reference, error) {
	given := r.Base
	if image := published[given]; image != "" {
		given = image
	}
	tagged, _, pinned := strings.Cut(given, "@")
	tag, noTag := name.NewTag(tagged)
	if !strings.Contains(path.Base(tagged), ":") {
		noTag = errNoTag
	}
	if !pinned && noTag == nil {
		return reference{tag.Name(), false, tag}, nil
	}
	digest, err := name.NewDigest(given)
	if err != nil {
		return reference{}, refuse(ops.Usage, err, "name mysql, postgres or scratch, an image as REGISTRY/NAME:TAG or by its digest, or a layout's folder or a tarball that is there",
			"the base image %q is neither a file nor an image with a tag or a digest", r.Base)
	}
	if noTag != nil {
		return reference{digest.Context().Name(), true, digest}, nil
	}
	return reference{tag.Name(), true, digest}, nil
}

// CheckBase refuses what names no base. Whether there is such a base is seen when it is read.
func CheckBase(base string) error {
	if base == Scratch {
		return nil
	}
	if _, err := os.Stat(base); err == nil {
		return nil
	}
	_, err := parse(Recipe{Base: base})
	return err
}

// remoteBase finds a base in a registry. A tag may name another image tomorrow, so that the base
// is known by its digest from then on, which w is told.
func (s *Service) remoteBase(ctx context.Context, r Recipe, w Watcher) (v1.Image, Base, error) {
	ref, err := parse(r)
	if err != nil {
		return nil, Base{}, err
	}
	within, stop := context.WithCancelCause(ctx)
	late := time.AfterFunc(s.lookUp, func() { stop(errLate) })
	found, err := s.open(within, ref, r)
	if !late.Stop() {
		err = errLate
	}
	if err != nil {
		stop(nil)
		return nil, Base{}, baseProblem(err, ref, r)
	}
	digest, err := found.Digest()
	base := Base{Name: ref.name, Digest: digest.String()}
	if !ref.pinned {
		w.line("base %s; named so by --base, the same image is made again", base.Reference())
	}
	return found, base, err
}

// open reads the manifest and the configuration of the image for the architecture. Its layers
// are read with the same context.
func (s *Service) open(ctx context.Context, ref reference, r Recipe) (v1.Image, error) {
	at, asker, err := s.access(ctx, ref)
	if err != nil {
		return nil, err
	}
	get := func(as remote.Option) (*remote.Descriptor, error) {
		return remote.Get(at, as, remote.WithContext(ctx), remote.WithRetryBackoff(s.backoff))
	}
	found, err := get(asker)
	if refusesLogin(err) && !privateHost(ref.at.Context().RegistryStr()) {
		// A login that has ended is worse than none, where anybody may read.
		found, err = get(remote.WithAuth(authn.Anonymous))
	}
	if err != nil {
		return nil, err
	}
	if !found.MediaType.IsIndex() {
		image, err := found.Image()
		if err != nil {
			return nil, err
		}
		return image, fits(image, r)
	}
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range manifest.Manifests {
		if isFor(d, r.Architecture) {
			image, err := index.Image(d.Digest)
			if err != nil {
				return nil, err
			}
			return image, fits(image, r)
		}
	}
	return nil, otherArchitecture(r, strings.Join(platforms(manifest), ", "))
}

// access is where the base is, and who asks for it: in ECR the caller, elsewhere who docker is
// logged in as.
func (s *Service) access(ctx context.Context, ref reference) (name.Reference, remote.Option, error) {
	if !privateHost(ref.at.Context().RegistryStr()) {
		return ref.at, remote.WithAuthFromKeychain(keychain{}), nil
	}
	login, err := s.ports.Registry.Login(ctx)
	if err != nil {
		return nil, nil, err
	}
	repository, err := login.repository(ref.at.Context().RepositoryStr())
	if err != nil {
		return nil, nil, err
	}
	at := name.Reference(repository.Tag(ref.at.Identifier()))
	if ref.pinned {
		at = repository.Digest(ref.at.Identifier())
	}
	return at, remote.WithAuth(login.auth()), nil
}

func refusesLogin(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden)
}

// keychain has the logins of docker. One that cannot be read is none: most bases need none.
type keychain struct{}

// Resolve gives the login to a registry.
func (keychain) Resolve(to authn.Resource) (authn.Authenticator, error) {
	if login, err := authn.DefaultKeychain.Resolve(to); err == nil {
		return login, nil
	}
	return authn.Anonymous, nil
}

// privateHost recognises ECR's registries of accounts.
func privateHost(host string) bool { return strings.Contains(host, ".dkr.ecr.") }

// PrivateBase tells whether the base is in ECR, which wants a login.
func (r Recipe) PrivateBase() bool {
	host, _, _ := strings.Cut(r.Base, "/")
	return r.Dockerfile == nil && privateHost(host)
}
