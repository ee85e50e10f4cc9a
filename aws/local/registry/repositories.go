package registry

import (
	"context"
	"encoding/base64"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const invalidParameter = "InvalidParameterException"

// The values of imageTagMutability that local AWS knows.
const (
	mutable   = "MUTABLE"
	immutable = "IMMUTABLE"
)

// The most items of one answer, and how many there are where none is asked for.
const (
	maxPage     = 1000
	defaultPage = 100
)

var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

type encryption struct {
	Type string `json:"encryptionType"`
	Key  string `json:"kmsKey,omitempty"`
}

type scanning struct {
	OnPush bool `json:"scanOnPush"`
}

type described struct {
	ARN        string       `json:"repositoryArn"`
	Registry   string       `json:"registryId"`
	Name       string       `json:"repositoryName"`
	URI        string       `json:"repositoryUri"`
	Created    wire.Seconds `json:"createdAt"`
	Mutability string       `json:"imageTagMutability"`
	Scanning   scanning     `json:"imageScanningConfiguration"`
	Encryption encryption   `json:"encryptionConfiguration"`
}

func (s *Service) show(r *repository) described {
	return described{
		ARN: s.arn(r.Name), Registry: s.opts.Account, Name: r.Name, URI: s.uri(r.Name), Created: wire.Seconds(r.Created),
		Mutability: r.Mutability, Scanning: scanning{r.ScanOnPush}, Encryption: r.Encryption,
	}
}

type createInput struct {
	Registry   string      `json:"registryId"`
	Name       string      `json:"repositoryName"`
	Tags       []tag       `json:"tags"`
	Mutability string      `json:"imageTagMutability"`
	Scanning   *scanning   `json:"imageScanningConfiguration"`
	Encryption *encryption `json:"encryptionConfiguration"`
}

type repositoryOutput struct {
	Repository described `json:"repository"`
}

func (s *Service) createRepository(_ context.Context, in *createInput) (*repositoryOutput, error) {
	if in.Mutability == "" {
		in.Mutability = mutable
	}
	if in.Encryption == nil {
		in.Encryption = &encryption{Type: "AES256"}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.repositories[in.Name] != nil {
		return nil, wire.Errorf("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", in.Name, s.opts.Account)
	}
	r := &repository{
		Name: in.Name, Created: s.opts.Clock.Now().UTC(), Mutability: in.Mutability, Encryption: *in.Encryption,
		ScanOnPush: in.Scanning != nil && in.Scanning.OnPush, Tags: map[string]string{}, images: map[string]*image{},
	}
	for _, t := range in.Tags {
		r.Tags[t.Key] = t.Value
	}
	if err := s.keep(r); err != nil {
		return nil, err
	}
	s.repositories[r.Name] = r
	return &repositoryOutput{s.show(r)}, nil
}

func (in *createInput) check() error {
	var v wire.Violations
	v.Required("repositoryName", in.Name != "")
	v.Enum("imageTagMutability", in.Mutability, mutable, immutable)
	v.Enum("encryptionConfiguration.encryptionType", in.Encryption.Type, "AES256", "KMS", "KMS_DSSE")
	v.Items("tags", len(in.Tags), 0, maxTags)
	if err := v.ErrAs(invalidParameter); err != nil {
		return err
	}
	if n := len(in.Name); n < 2 || n > 256 {
		return wire.Errorf(invalidParameter, "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length between 2 and 256'")
	}
	if !repositoryName.MatchString(in.Name) {
		return wire.Errorf(invalidParameter, "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", repositoryName.String()[1:len(repositoryName.String())-1])
	}
	return nil
}

type describeRepositoriesInput struct {
	Registry   string   `json:"registryId"`
	Names      []string `json:"repositoryNames"`
	MaxResults *int64   `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type describeRepositoriesOutput struct {
	Repositories []described `json:"repositories"`
	NextToken    string      `json:"nextToken,omitempty"`
}

func (s *Service) describeRepositories(_ context.Context, in *describeRepositoriesInput) (*describeRepositoriesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &describeRepositoriesOutput{Repositories: []described{}}
	if len(in.Names) > 0 {
		for _, name := range in.Names {
			r, err := s.find(in.Registry, name)
			if err != nil {
				return nil, err
			}
			out.Repositories = append(out.Repositories, s.show(r))
		}
		return out, nil
	}
	names, next, err := page(slices.Sorted(maps.Keys(s.repositories)), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		out.Repositories = append(out.Repositories, s.show(s.repositories[name]))
	}
	out.NextToken = next
	return out, nil
}

// page gives the keys after those of the pages before. The token is the last key of a page.
func page(keys []string, limit *int64, token string) (some []string, next string, err error) {
	n := int64(defaultPage)
	if limit != nil {
		var v wire.Violations
		v.Range("maxResults", *limit, 1, maxPage)
		if err := v.ErrAs(invalidParameter); err != nil {
			return nil, "", err
		}
		n = *limit
	}
	if token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		at := slices.Index(keys, string(last))
		if err != nil || at < 0 {
			return nil, "", wire.Errorf(invalidParameter, "Invalid parameter at 'nextToken' failed to satisfy constraint: 'must be a token of an earlier answer'")
		}
		keys = keys[at+1:]
	}
	if int64(len(keys)) > n {
		return keys[:n], base64.RawURLEncoding.EncodeToString([]byte(keys[n-1])), nil
	}
	return keys, "", nil
}

type deleteInput struct {
	Registry string `json:"registryId"`
	Name     string `json:"repositoryName"`
	Force    bool   `json:"force"`
}

func (s *Service) deleteRepository(_ context.Context, in *deleteInput) (*repositoryOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Registry, in.Name)
	if err != nil {
		return nil, err
	}
	if len(r.images) > 0 && !in.Force {
		return nil, wire.Errorf("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", r.Name, s.opts.Account)
	}
	if err := s.opts.Store.DeletePrefix(imageBucket, r.Name+"@"); err != nil {
		return nil, err
	}
	if err := s.opts.Store.Delete(repositoryBucket, r.Name); err != nil {
		return nil, err
	}
	delete(s.repositories, r.Name)
	return &repositoryOutput{s.show(r)}, os.RemoveAll(s.folder(r.Name))
}
