package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
)

// Image returns the ports of the image's use cases, on the session's account and region. Nothing
// is sent before the first call.
func Image(s *session.Session) image.Ports {
	return image.Ports{Registry: newRegistry(s), Definitions: &definitions{api: ecs.NewFromConfig(s.Config())}}
}

// registry reads ECR and logs in to it.
type registry struct {
	api     *ecr.Client
	session *session.Session
}

func newRegistry(s *session.Session) *registry {
	return &registry{api: ecr.NewFromConfig(s.Config()), session: s}
}

func (r *registry) Login(ctx context.Context) (image.Login, error) {
	out, err := r.api.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return image.Login{}, err
	}
	if len(out.AuthorizationData) == 0 {
		return image.Login{}, errors.New("ECR: GetAuthorizationToken answered without a login")
	}
	data := out.AuthorizationData[0]
	text, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	if err != nil {
		return image.Login{}, fmt.Errorf("ECR: read the login: %w", err)
	}
	user, password, _ := strings.Cut(string(text), ":")
	return image.Login{Endpoint: aws.ToString(data.ProxyEndpoint), User: user, Password: password}, nil
}

func (r *registry) Repository(ctx context.Context, name string) (image.Repository, error) {
	out, err := r.api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if err != nil {
		return image.Repository{}, r.absent(err, name)
	}
	for _, found := range out.Repositories {
		return image.Repository{
			ARN: aws.ToString(found.RepositoryArn), Name: aws.ToString(found.RepositoryName), URI: aws.ToString(found.RepositoryUri),
			Immutable: found.ImageTagMutability == types.ImageTagMutabilityImmutable,
		}, nil
	}
	return image.Repository{}, r.absent(&types.RepositoryNotFoundException{}, name)
}

// absent names the repository that is not there; another error stays what it is.
func (r *registry) absent(err error, name string) error {
	var missing *types.RepositoryNotFoundException
	if !errors.As(err, &missing) {
		return err
	}
	return &ops.Problem{
		Kind: ops.NotFound, Title: safe.Linef("there is no repository %s in %s", name, r.session.Region()),
		Hint: safe.Line("the stack makes it: stepdeck stack deploy; or choose another with --repository"), Err: err,
	}
}

func (r *registry) Images(ctx context.Context, repository string) ([]image.Stored, error) {
	pages := ecr.NewDescribeImagesPaginator(r.api, &ecr.DescribeImagesInput{RepositoryName: &repository})
	var images []image.Stored
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, r.absent(err, repository)
		}
		for _, d := range page.ImageDetails {
			images = append(images, image.Stored{
				Digest: aws.ToString(d.ImageDigest), Tags: slices.Sorted(slices.Values(d.ImageTags)),
				Bytes: aws.ToInt64(d.ImageSizeInBytes), Pushed: aws.ToTime(d.ImagePushedAt),
			})
		}
	}
	// AWS: DescribeImages gives no order.
	slices.SortStableFunc(images, func(a, b image.Stored) int { return b.Pushed.Compare(a.Pushed) })
	return images, nil
}

// Findings asks for the scan by itself: AWS no longer tells it with the images.
func (r *registry) Findings(ctx context.Context, repository, digest string) (image.Findings, error) {
	out, err := r.api.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{
		RepositoryName: &repository, ImageId: &types.ImageIdentifier{ImageDigest: &digest},
	})
	var unscanned *types.ScanNotFoundException
	if errors.As(err, &unscanned) {
		return image.Findings{}, nil
	}
	if err != nil {
		return image.Findings{}, err
	}
	found := image.Findings{Counts: map[string]int{}}
	if status := out.ImageScanStatus; status != nil {
		found.Status, found.Reason = string(status.Status), safe.Line(aws.ToString(status.Description))
	}
	if out.ImageScanFindings != nil {
		for severity, count := range out.ImageScanFindings.FindingSeverityCounts {
			found.Counts[severity] = int(count)
		}
	}
	return found, nil
}

func (r *registry) Change(ctx context.Context, repository string, push func(context.Context) error) error {
	return r.session.Change(ctx, ecr.ServiceID, "PutImage", repository, push)
}

// definitions reads task definitions.
type definitions struct{ api *ecs.Client }

func (d *definitions) Active(ctx context.Context, family string) ([]image.Revision, error) {
	pages := ecs.NewListTaskDefinitionsPaginator(d.api, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Status: "ACTIVE", Sort: "DESC",
	})
	var revisions []image.Revision
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, arn := range page.TaskDefinitionArns {
			out, err := d.api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
			if err != nil {
				return nil, err
			}
			r := image.Revision{ARN: arn}
			for _, c := range out.TaskDefinition.ContainerDefinitions {
				r.Images = append(r.Images, aws.ToString(c.Image))
			}
			revisions = append(revisions, r)
		}
	}
	return revisions, nil
}
