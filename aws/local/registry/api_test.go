package registry_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestARepositoryIsAsAskedAndOutlastsARestart(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	app, arn := aws.String("team/app"), aws.String("arn:aws:ecr:us-east-1:123456789012:repository/team/app")
	_, err := r.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: app, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}})
	noError(t, err)
	_, err = r.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{RepositoryName: app, ImageTagMutability: types.ImageTagMutabilityImmutable})
	noError(t, err)
	_, err = r.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{RepositoryName: app, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true}})
	noError(t, err)
	_, err = r.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}})
	noError(t, err)
	_, err = r.UntagResource(ctx, &ecr.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
	noError(t, err)
	policy := `{"rules":[{"rulePriority":1}]}`
	_, err = r.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: app, LifecyclePolicyText: &policy})
	noError(t, err)

	r.restart()
	out, err := r.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/app"}})
	noError(t, err)
	want := []types.Repository{{
		RepositoryArn: arn, RegistryId: aws.String("123456789012"), RepositoryName: app,
		RepositoryUri: aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app"),
		CreatedAt:     &start, ImageTagMutability: types.ImageTagMutabilityImmutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
		EncryptionConfiguration:    &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256},
	}}
	if diff := cmp.Diff(want, out.Repositories, cmpopts.IgnoreUnexported(types.Repository{}, types.ImageScanningConfiguration{}, types.EncryptionConfiguration{})); diff != "" {
		t.Error(diff)
	}
	tags, err := r.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: arn})
	noError(t, err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" || *tags.Tags[0].Value != "2" {
		t.Errorf("the tags are %v", tags.Tags)
	}
	kept, err := r.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: app})
	noError(t, err)
	if *kept.LifecyclePolicyText != policy {
		t.Errorf("the lifecycle policy is %s", *kept.LifecyclePolicyText)
	}
	_, err = r.DeleteLifecyclePolicy(ctx, &ecr.DeleteLifecyclePolicyInput{RepositoryName: app})
	noError(t, err)
	_, err = r.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: app})
	refused(t, err, "LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name 'team/app'")
}

func TestRepositoriesComeInPages(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"cc", "aa", "bb"} {
		r.create(name, "")
	}
	pages := ecr.NewDescribeRepositoriesPaginator(r.Client, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(2)})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		noError(t, err)
		for _, found := range page.Repositories {
			names = append(names, *found.RepositoryName)
		}
	}
	if diff := cmp.Diff([]string{"aa", "bb", "cc"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTheAPIRefuses(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.create("app", "")
	noError(t, r.push("app:1", someImage(t)))
	absent := "The repository with name 'none' does not exist in the registry with id '123456789012'"
	for name, c := range map[string]struct {
		call       func() error
		code, text string
	}{
		"a repository that is there": {func() error {
			_, err := r.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("app")})
			return err
		}, "RepositoryAlreadyExistsException", "The repository with name 'app' already exists in the registry with id '123456789012'"},
		"a name with capitals": {func() error {
			_, err := r.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("App")})
			return err
		}, "InvalidParameterException", "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression"},
		"a name that leaves its folder": {func() error {
			_, err := r.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("../app")})
			return err
		}, "InvalidParameterException", "regular expression"},
		"an unknown repository": {func() error {
			_, err := r.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"none"}})
			return err
		}, "RepositoryNotFoundException", absent},
		"deleting one with images": {func() error {
			_, err := r.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app")})
			return err
		}, "RepositoryNotEmptyException", "The repository with name 'app' in registry with id '123456789012' cannot be deleted because it still contains images"},
		"an unknown image": {func() error {
			_, err := r.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("2")}}})
			return err
		}, "ImageNotFoundException", "The image with imageId {imageDigest:'null', imageTag:'2'} does not exist within the repository with name 'app'"},
		"a page too large": {func() error {
			_, err := r.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), MaxResults: aws.Int32(1001)})
			return err
		}, "InvalidParameterException", "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		"a lifecycle policy that is no JSON": {func() error {
			_, err := r.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: aws.String("app"), LifecyclePolicyText: aws.String("rules:")})
			return err
		}, "InvalidParameterException", "Lifecycle policy validation failure"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.call(), c.code, c.text) })
	}
}

func TestDeletingImages(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	one, two := someImage(t), someImage(t)
	noError(t, r.push("app:a", one))
	noError(t, r.push("app:b", one))
	r.clock.Advance(time.Second)
	noError(t, r.push("app:c", two))
	del := func(id types.ImageIdentifier) *ecr.BatchDeleteImageOutput {
		out, err := r.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{id}})
		noError(t, err)
		return out
	}
	del(types.ImageIdentifier{ImageTag: aws.String("a")})
	if got := r.images("app"); len(got) != 2 || *got[0].ImageDigest != digestOf(t, two) || !cmp.Equal(got[1].ImageTags, []string{"b"}) {
		t.Errorf("after one of two tags is deleted: %v", got)
	}
	del(types.ImageIdentifier{ImageTag: aws.String("b")})
	if got := r.images("app"); len(got) != 1 {
		t.Errorf("after the last tag is deleted: %v", got)
	}
	if out := del(types.ImageIdentifier{ImageTag: aws.String("b")}); len(out.Failures) != 1 || out.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound {
		t.Errorf("deleting what is gone: %v", out)
	}
	if err := r.push("app:d", two); err != nil {
		t.Errorf("the other image lost its layers: %v", err)
	}
	_, err := r.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app"), Force: true})
	noError(t, err)
	r.create("app", "")
	if got := r.images("app"); len(got) != 0 {
		t.Errorf("a repository made anew has %v", got)
	}
}

func TestTheScanSaysThatThereIsNoScanner(t *testing.T) {
	r := newRig(t)
	r.create("app", "")
	noError(t, r.push("app:a", someImage(t)))
	id := types.ImageIdentifier{ImageTag: aws.String("a")}
	out, err := r.DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: &id})
	noError(t, err)
	if out.ImageScanStatus.Status != types.ScanStatusFailed || out.ImageScanFindings != nil {
		t.Errorf("the scan is %v", out.ImageScanStatus)
	}
	_, err = r.PutImageScanningConfiguration(t.Context(), &ecr.PutImageScanningConfigurationInput{RepositoryName: aws.String("app"), ImageScanningConfiguration: &types.ImageScanningConfiguration{}})
	noError(t, err)
	noError(t, r.push("app:b", someImage(t)))
	id.ImageTag = aws.String("b")
	_, err = r.DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: &id})
	refused(t, err, "ScanNotFoundException", "Image scan does not exist for the image with '{imageDigest:'null', imageTag:'b'}'")
}
