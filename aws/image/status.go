package image

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// StatusRequest asks how images differ.
type StatusRequest struct {
	// Repository is a repository's name.
	Repository string
	// Family is the task definition's.
	Family string
	// Local is the image as it would be built here; nil when that is not known.
	Local *Built
}

// Placed is an image in its place.
type Placed struct {
	Stored
	// Image is how the task definition names it; empty for an image that is only in the repository.
	Image string `json:"image,omitempty"`
	// Revision is the task definition's that runs it, if any.
	Revision string `json:"revision,omitempty"`
	// Missing tells that the repository has no such image: tasks cannot start.
	Missing  bool     `json:"missing,omitempty"`
	Findings Findings `json:"findings"`
}

// Status is how what is deployed, what is newest and what is here compare.
type Status struct {
	Repository string `json:"repository"`
	// Deployed is what new tasks run; nil where there is no task definition.
	Deployed *Placed `json:"deployed"`
	// Newest is what was pushed last; nil where nothing was.
	Newest *Placed `json:"newest"`
	// Local is what would be built here.
	Local *Built `json:"local,omitempty"`
	// LocalPushed tells that the repository has the local image.
	LocalPushed bool `json:"localPushed"`
	// Unused are the images that no revision runs which tasks can be started from, newest first.
	// The newest is never among them.
	Unused []Stored `json:"unused"`
}

// Outdated tells that new tasks run another image than the newest.
func (s Status) Outdated() bool {
	return s.Newest != nil && (s.Deployed == nil || s.Deployed.Digest != s.Newest.Digest)
}

// severities are ECR's, the worst first.
var severities = []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"}

// Summary tells what a scan found in a few words, the worst first; "" where there was none.
func (f Findings) Summary() string {
	var counts []string
	for _, severity := range severities {
		if n := f.Counts[severity]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, strings.ToLower(severity)))
		}
	}
	switch {
	case f.Status == "":
		return ""
	case len(counts) > 0:
		return "scan found " + strings.Join(counts, ", ")
	case f.Status == "COMPLETE" || f.Status == "ACTIVE":
		return "scan found nothing"
	default:
		return strings.TrimSuffix("scan "+strings.ToLower(strings.ReplaceAll(f.Status, "_", " "))+": "+f.Reason.String(), ": ")
	}
}

// Status compares.
func (s *Service) Status(ctx context.Context, r StatusRequest) (Status, error) {
	repository, err := s.ports.Registry.Repository(ctx, r.Repository)
	if err != nil {
		return Status{}, err
	}
	images, err := s.ports.Registry.Images(ctx, repository.Name)
	if err != nil {
		return Status{}, err
	}
	revisions, err := s.ports.Definitions.Active(ctx, r.Family)
	if err != nil && ops.KindOf(err) != ops.NotFound {
		return Status{}, err
	}
	status := Status{Repository: repository.URI, Local: r.Local, Unused: []Stored{}}
	if len(images) > 0 {
		status.Newest = &Placed{Stored: images[0]}
	}
	status.Deployed = deployed(repository, revisions, images)
	used := usedBy(revisions)
	for i, stored := range images {
		if i > 0 && !used[stored.Digest] && !slices.ContainsFunc(stored.Tags, func(tag string) bool { return used[tag] }) {
			status.Unused = append(status.Unused, stored)
		}
	}
	status.LocalPushed = r.Local != nil && slices.ContainsFunc(images, func(i Stored) bool { return i.Digest == r.Local.Digest })
	return status, errors.Join(s.find(ctx, repository.Name, status.Deployed), s.find(ctx, repository.Name, status.Newest))
}

// Newest describes the image that was pushed last to a repository; nothing where there is none.
func (s *Service) Newest(ctx context.Context, repository string) (Description, error) {
	r, err := s.ports.Registry.Repository(ctx, repository)
	if err != nil {
		return Description{}, err
	}
	images, err := s.ports.Registry.Images(ctx, r.Name)
	if err != nil || len(images) == 0 {
		return Description{}, err
	}
	return s.Describe(ctx, r.URI+"@"+images[0].Digest)
}

// find reads what the scan of an image found.
func (s *Service) find(ctx context.Context, repository string, p *Placed) error {
	if p == nil || p.Missing || p.Digest == "" {
		return nil
	}
	found, err := s.ports.Registry.Findings(ctx, repository, p.Digest)
	p.Findings = found
	return err
}

// deployed is what the newest revision runs: the repository's image in it, or else its first.
func deployed(repository Repository, revisions []Revision, images []Stored) *Placed {
	if len(revisions) == 0 || len(revisions[0].Images) == 0 {
		return nil
	}
	newest := revisions[0]
	p := &Placed{Image: newest.Images[0], Revision: newest.ARN}
	for _, image := range newest.Images {
		digest, ours := strings.CutPrefix(image, repository.URI+"@")
		if !ours {
			continue
		}
		p.Image, p.Digest, p.Missing = image, digest, true
		if at := slices.IndexFunc(images, func(i Stored) bool { return i.Digest == digest }); at >= 0 {
			p.Stored, p.Missing = images[at], false
		}
		break
	}
	return p
}

// usedBy are the images that revisions run: their digests, and their tags where one names its
// image so.
func usedBy(revisions []Revision) map[string]bool {
	used := map[string]bool{}
	for _, r := range revisions {
		for _, image := range r.Images {
			if _, digest, ok := strings.Cut(image, "@"); ok {
				used[digest] = true
			} else if at := strings.LastIndex(image, ":"); at >= 0 {
				used[image[at+1:]] = true
			}
		}
	}
	return used
}
