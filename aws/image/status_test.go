package image_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// shelf is a registry and the revisions of one family.
type shelf struct {
	image.Registry
	images    []image.Stored
	revisions []image.Revision
	findings  map[string]image.Findings
	failure   error
}

func (s *shelf) Repository(_ context.Context, name string) (image.Repository, error) {
	return image.Repository{Name: name, URI: repositoryURI}, nil
}

func (s *shelf) Images(context.Context, string) ([]image.Stored, error) { return s.images, nil }

func (s *shelf) Findings(_ context.Context, _, digest string) (image.Findings, error) {
	return s.findings[digest], nil
}

func (s *shelf) Active(_ context.Context, family string) ([]image.Revision, error) {
	if family != "dumps-task" {
		return nil, errors.New("another family is asked for: " + family)
	}
	return s.revisions, s.failure
}

func (s *shelf) status(t rapid.TB, local *image.Built) image.Status {
	t.Helper()
	status, err := image.New(image.Ports{Registry: s, Definitions: s}).
		Status(context.Background(), image.StatusRequest{Repository: "dumps", Family: "dumps-task", Local: local})
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func runs(arn string, images ...string) image.Revision {
	return image.Revision{ARN: arn, Images: images}
}

func digest(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }

func pinned(letter string) string { return repositoryURI + "@" + digest(letter) }

func stored(letter string, tags ...string) image.Stored {
	return image.Stored{Digest: digest(letter), Tags: tags}
}

func TestStatus(t *testing.T) {
	scanned := map[string]image.Findings{digest("c"): {Status: "COMPLETE", Counts: map[string]int{"HIGH": 2}}}
	c := &image.Placed{Stored: stored("c"), Findings: scanned[digest("c")]}
	for name, test := range map[string]struct {
		shelf    shelf
		local    *image.Built
		want     image.Status
		outdated bool
	}{
		"nothing yet": {shelf: shelf{failure: &ops.Problem{Kind: ops.NotFound}}, want: image.Status{}},
		"pushed, not deployed": {
			shelf:    shelf{images: []image.Stored{stored("c")}, revisions: []image.Revision{runs("r:1", "public.ecr.aws/docker/library/busybox:stable")}},
			want:     image.Status{Newest: c, Deployed: &image.Placed{Image: "public.ecr.aws/docker/library/busybox:stable", Revision: "r:1"}},
			outdated: true,
		},
		"the newest deployed": {
			shelf: shelf{images: []image.Stored{stored("c"), stored("b"), stored("a")}, revisions: []image.Revision{runs("r:2", "sidecar:1", pinned("c")), runs("r:1", pinned("a"))}},
			local: &image.Built{Digest: digest("b")},
			want: image.Status{
				Newest: c, Deployed: &image.Placed{Stored: stored("c"), Image: pinned("c"), Revision: "r:2", Findings: c.Findings},
				Local: &image.Built{Digest: digest("b")}, LocalPushed: true, Unused: []image.Stored{stored("b")},
			},
		},
		"an older one deployed": {
			shelf: shelf{images: []image.Stored{stored("c"), stored("b"), stored("a", "v1")}, revisions: []image.Revision{runs("r:2", pinned("b")), runs("r:1", repositoryURI+":v1")}},
			local: &image.Built{Digest: digest("d")},
			want: image.Status{
				Newest: c, Deployed: &image.Placed{Stored: stored("b"), Image: pinned("b"), Revision: "r:2"}, Local: &image.Built{Digest: digest("d")},
			},
			outdated: true,
		},
		"the deployed one deleted": {
			shelf:    shelf{images: []image.Stored{stored("c")}, revisions: []image.Revision{runs("r:1", pinned("b"))}},
			want:     image.Status{Newest: c, Deployed: &image.Placed{Stored: stored("b"), Image: pinned("b"), Revision: "r:1", Missing: true}},
			outdated: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.shelf.findings = scanned
			got := test.shelf.status(t, test.local)
			test.want.Repository = repositoryURI
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(image.Built{}, safe.Text{})); diff != "" {
				t.Error(diff)
			}
			if got.Outdated() != test.outdated {
				t.Errorf("outdated is %t", got.Outdated())
			}
		})
	}
}

// An image that a task could still be started from must never be offered for deletion.
func TestAnImageThatARevisionRunsIsNeverUnused(t *testing.T) {
	letters := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(rt *rapid.T) {
		s := &shelf{}
		for _, letter := range rapid.SliceOfNDistinct(rapid.SampledFrom(letters), 0, 5, rapid.ID[string]).Draw(rt, "images") {
			s.images = append(s.images, stored(letter, "t-"+letter))
		}
		used := map[string]bool{}
		for _, letter := range rapid.SliceOf(rapid.SampledFrom(letters)).Draw(rt, "used") {
			used[digest(letter)] = true
			named := rapid.SampledFrom([]string{pinned(letter), repositoryURI + ":t-" + letter}).Draw(rt, "named")
			s.revisions = append(s.revisions, runs("r", "sidecar", named))
		}
		status := s.status(rt, nil)
		for _, i := range status.Unused {
			if used[i.Digest] || i.Digest == s.images[0].Digest {
				rt.Errorf("%s is called unused", i.Digest)
			}
		}
		unused := map[string]bool{}
		for _, i := range status.Unused {
			unused[i.Digest] = true
		}
		for at, i := range s.images {
			if at > 0 && !used[i.Digest] && !unused[i.Digest] {
				rt.Errorf("%s is not called unused", i.Digest)
			}
		}
	})
}

func TestFindingsInAFewWords(t *testing.T) {
	for _, test := range []struct {
		findings image.Findings
		want     string
	}{
		{image.Findings{}, ""},
		{image.Findings{Status: "COMPLETE"}, "scan found nothing"},
		{image.Findings{Status: "COMPLETE", Counts: map[string]int{"LOW": 3, "CRITICAL": 1}}, "scan found 1 critical, 3 low"},
		{image.Findings{Status: "IN_PROGRESS"}, "scan in progress"},
		{image.Findings{Status: "FAILED", Reason: safe.Line("UnsupportedImageError")}, "scan failed: UnsupportedImageError"},
	} {
		if got := test.findings.Summary(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.findings, got, test.want)
		}
	}
}
