// Package shippedtest is the shipped stack on local AWS for tests that need its
// machines and not its image: tasks that are processes run the entrypoint of
// the test, whatever is in the image.
package shippedtest

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/infra"
)

// The names of what the shipped stack has.
var (
	Stack          = stack.DefaultName
	Machine        = infra.Machine(Stack)
	Reaper         = infra.Reaper(Stack)
	Cluster        = infra.Cluster(Stack)
	Family         = infra.Family(Stack)
	Container      = infra.Container
	LogGroup       = infra.LogGroup(Stack)
	Bucket         = infra.Bucket(Stack, local.Account, local.DefaultRegion)
	UserSecret     = infra.UserSecret(Stack)
	PasswordSecret = infra.PasswordSecret(Stack)
)

// Up makes the shipped stack at the endpoint, with an image that holds nothing.
func Up(t testing.TB, endpoint string) {
	t.Helper()
	s, err := session.Open(t.Context(), session.Options{
		Endpoint: endpoint, Local: true, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shipped.Up(t.Context(), s, nothing{s}, nil); err != nil {
		t.Fatalf("bring the shipped stack up: %v", err)
	}
}

// nothing is a stack.ImageBuilder of an image without layers.
type nothing struct{ session *session.Session }

func (n nothing) EnsureImage(ctx context.Context, repositoryURI string, _ func(safe.Text)) (string, error) {
	login, err := client.Image(n.session).Registry.Login(ctx)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(login.Endpoint)
	if err != nil {
		return "", err
	}
	digest, err := empty.Image.Digest()
	if err != nil {
		return "", err
	}
	_, path, _ := strings.Cut(repositoryURI, "/")
	reference, err := name.NewDigest(fmt.Sprintf("%s/%s@%s", at.Host, path, digest), name.Insecure)
	if err != nil {
		return "", err
	}
	as := remote.WithAuth(&authn.Basic{Username: login.User, Password: login.Password})
	return repositoryURI + "@" + digest.String(), remote.Write(reference, empty.Image, as, remote.WithContext(ctx))
}
