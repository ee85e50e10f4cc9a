package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

func TestAnImageIsPulledAsItWasPushedAlsoAfterARestart(t *testing.T) {
	r := newRig(t)
	r.create("team/app", types.ImageTagMutabilityImmutable)
	pushed := someImage(t)
	noError(t, r.push("team/app:one", pushed))
	noError(t, r.push("team/app:one", pushed))
	r.restart()
	pulled, err := r.pull("team/app@" + digestOf(t, pushed))
	noError(t, err)
	noError(t, validate.Image(pulled))
	got := r.images("team/app")
	layers, err := pushed.Layers()
	noError(t, err)
	var bytes int64
	for _, l := range layers {
		size, err := l.Size()
		noError(t, err)
		bytes += size
	}
	if len(got) != 1 || *got[0].ImageDigest != digestOf(t, pushed) || !cmp.Equal(got[0].ImageTags, []string{"one"}) ||
		*got[0].ImageSizeInBytes != bytes || !got[0].ImagePushedAt.Equal(start) || !got[0].LastRecordedPullTime.Equal(start) {
		t.Errorf("ECR tells %+v", got)
	}
	read, err := r.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: aws.String("team/app"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("one")}}})
	noError(t, err)
	manifest, err := pushed.RawManifest()
	noError(t, err)
	if len(read.Images) != 1 || *read.Images[0].ImageManifest != string(manifest) {
		t.Errorf("the manifest is %v", read.Images)
	}
	digest, err := layers[0].Digest()
	noError(t, err)
	there, err := r.BatchCheckLayerAvailability(t.Context(), &ecr.BatchCheckLayerAvailabilityInput{
		RepositoryName: aws.String("team/app"), LayerDigests: []string{digest.String(), "sha256:" + strings.Repeat("0", 64)},
	})
	noError(t, err)
	if there.Layers[0].LayerAvailability != types.LayerAvailabilityAvailable || there.Layers[1].LayerAvailability != types.LayerAvailabilityUnavailable {
		t.Errorf("the layers are %v", there.Layers)
	}
}

func TestAnIndexKeepsItsImages(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	index, err := random.Index(512, 1, 2)
	noError(t, err)
	noError(t, remote.WriteIndex(r.ref("app:all"), index, remote.WithAuth(r.login())))
	if got := r.images("app"); len(got) != 3 {
		t.Fatalf("%d images, want the index and its two", len(got))
	}
	manifest, err := index.IndexManifest()
	noError(t, err)
	out, err := r.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{{ImageDigest: aws.String(manifest.Manifests[0].Digest.String())}},
	})
	noError(t, err)
	if len(out.Failures) != 1 || out.Failures[0].FailureCode != types.ImageFailureCodeImageReferencedByManifestList {
		t.Errorf("deleting a part gives %v", out)
	}
}

func TestADeletionLeavesTheLayersOfAPushUnderWay(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	old, next := someImage(t), someImage(t)
	noError(t, r.push("app:old", old))
	layers, err := next.Layers()
	noError(t, err)
	repository := r.ref("app:next").Context()
	for _, l := range layers {
		noError(t, remote.WriteLayer(repository, l, remote.WithAuth(r.login())))
	}
	_, err = r.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("old")}},
	})
	noError(t, err)
	available := func(i v1.Image) (is []types.LayerAvailability) {
		layers, err := i.Layers()
		noError(t, err)
		for _, l := range layers {
			digest, err := l.Digest()
			noError(t, err)
			out, err := r.BatchCheckLayerAvailability(t.Context(), &ecr.BatchCheckLayerAvailabilityInput{
				RepositoryName: aws.String("app"), LayerDigests: []string{digest.String()},
			})
			noError(t, err)
			is = append(is, out.Layers[0].LayerAvailability)
		}
		return is
	}
	is, not := types.LayerAvailabilityAvailable, types.LayerAvailabilityUnavailable
	if diff := cmp.Diff([]types.LayerAvailability{is, is}, available(next)); diff != "" {
		t.Errorf("the push under way: %s", diff)
	}
	if diff := cmp.Diff([]types.LayerAvailability{not, not}, available(old)); diff != "" {
		t.Errorf("the deleted image: %s", diff)
	}
}

func TestATagMovesOnlyWhereItMay(t *testing.T) {
	r := newRig(t)
	one, two := someImage(t), someImage(t)
	r.create("free", types.ImageTagMutabilityMutable)
	noError(t, r.push("free:latest", one))
	noError(t, r.push("free:latest", two))
	pulled, err := r.pull("free:latest")
	noError(t, err)
	if digestOf(t, pulled) != digestOf(t, two) {
		t.Error("the tag did not move")
	}
	r.create("fixed", types.ImageTagMutabilityImmutable)
	noError(t, r.push("fixed:v1", one))
	notPushed(t, r.push("fixed:v1", two), http.StatusBadRequest, transport.TagInvalidErrorCode,
		"The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable.")
}

// notPushed checks an error of the registry.
func notPushed(t *testing.T, err error, status int, code transport.ErrorCode, text string) {
	t.Helper()
	var known *transport.Error
	if !errors.As(err, &known) || known.StatusCode != status || len(known.Errors) != 1 || known.Errors[0].Code != code || !strings.Contains(known.Errors[0].Message, text) {
		t.Errorf("got %v, want %d %s: %s", err, status, code, text)
	}
}

func TestWhatTheRegistryRefuses(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	i := someImage(t)
	notPushed(t, r.push("none:1", i), http.StatusNotFound, transport.NameUnknownErrorCode, "The repository with name 'none' does not exist in the registry with id '123456789012'")
	read := func(auth authn.Authenticator) error {
		_, err := remote.Get(r.ref("app:1"), remote.WithAuth(auth))
		return err
	}
	notPushed(t, read(&authn.Basic{Username: "AWS", Password: "guess"}), http.StatusUnauthorized, transport.UnauthorizedErrorCode, "Not Authorized")
	notPushed(t, read(authn.Anonymous), http.StatusUnauthorized, transport.UnauthorizedErrorCode, "Not Authorized")
	login := r.login()
	r.clock.Advance(12 * time.Hour)
	notPushed(t, read(login), http.StatusForbidden, transport.DeniedErrorCode, "Your authorization token has expired. Reauthenticate and try again.")
	r.before = func(call wire.Call) error {
		if call.Operation == "PutImage" {
			return wire.Errorf("AccessDeniedException", "no")
		}
		return nil
	}
	notPushed(t, r.push("app:1", i), http.StatusForbidden, transport.DeniedErrorCode,
		"is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/app because")
}

func TestAManifestWithoutItsLayersIsRefused(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	manifest, err := someImage(t).RawManifest()
	noError(t, err)
	put := func(reference, mediaType, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, r.url+"/v2/app/manifests/"+reference, strings.NewReader(body))
		noError(t, err)
		auth, err := r.login().Authorization()
		noError(t, err)
		req.SetBasicAuth(auth.Username, auth.Password)
		req.Header.Set("Content-Type", mediaType)
		res, err := http.DefaultClient.Do(req)
		noError(t, err)
		defer res.Body.Close()
		return transport.CheckError(res, http.StatusCreated).Error()
	}
	const docker = "application/vnd.docker.distribution.manifest.v2+json"
	for name, c := range map[string]struct{ reference, mediaType, body, want string }{
		"no layers":     {"1", docker, string(manifest), "BLOB_UNKNOWN: Layers with digests"},
		"no manifest":   {"1", docker, "{", "MANIFEST_INVALID"},
		"another type":  {"1", "text/plain", string(manifest), "MANIFEST_INVALID"},
		"wrong digest":  {"sha256:" + strings.Repeat("0", 64), docker, string(manifest), "DIGEST_INVALID"},
		"a tag too far": {"-a", docker, string(manifest), "TAG_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := put(c.reference, c.mediaType, c.body); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
