package resources

import (
	"context"
	"errors"
	"maps"
)

const repositoryType = "AWS::ECR::Repository"

// longestRepository bounds names of repositories.
const longestRepository = 256

var repositoryShape = of(
	texts("RepositoryName"), tagged(), enum("ImageTagMutability", "MUTABLE", "IMMUTABLE"), flags("EmptyOnDelete"),
	each("ImageScanningConfiguration", of(flags("ScanOnPush"))),
	each("EncryptionConfiguration", of(enum("EncryptionType!", "AES256", "KMS", "KMS_DSSE"), texts("KmsKey"))),
	each("LifecyclePolicy", of(texts("LifecyclePolicyText RegistryId"))), opaque("RepositoryPolicyText"),
)

func repository() Kind {
	return checked(Kind{
		Type: repositoryType, Replaces: []string{"RepositoryName", "EncryptionConfiguration"},
		Create: createRepository, Update: updateRepository, Delete: deleteRepository, Read: readRepository,
		Name: "RepositoryName", Existing: repositoryMade,
	}, repositoryShape)
}

func createRepository(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	name := physicalLower(env, logical, p, "RepositoryName", longestRepository)
	request := map[string]any{"repositoryName": name, "tags": p["Tags"]}
	for _, property := range []string{"ImageTagMutability", "ImageScanningConfiguration", "EncryptionConfiguration"} {
		if p[property] != nil {
			request[lowered(property)] = repositoryShape.members[property].request(p[property])
		}
	}
	if err := env.Invoke(ctx, "ecr", "CreateRepository", request, nil); err != nil {
		return Made{}, failed("Ecr", err)
	}
	if err := putLifecycle(ctx, env, name, p); err != nil {
		return Made{}, takeBack(ctx, err, env, "ecr", "DeleteRepository", map[string]any{"repositoryName": name})
	}
	return repositoryMade(ctx, env, name)
}

func repositoryMade(ctx context.Context, env Env, name string) (Made, error) {
	live, err := describeRepository(ctx, env, name)
	if err != nil {
		return Made{}, failed("Ecr", err)
	}
	return Made{ID: name, Attributes: map[string]any{"Arn": live["repositoryArn"], "RepositoryUri": live["repositoryUri"]}}, nil
}

func describeRepository(ctx context.Context, env Env, name string) (map[string]any, error) {
	var found struct{ Repositories []map[string]any }
	if err := env.Invoke(ctx, "ecr", "DescribeRepositories", map[string]any{"repositoryNames": []any{name}}, &found); err != nil {
		return nil, err
	}
	if len(found.Repositories) != 1 {
		return nil, errors.New("ECR answered without the repository " + name)
	}
	return found.Repositories[0], nil
}

func putLifecycle(ctx context.Context, env Env, name string, p Properties) error {
	policy, _ := p["LifecyclePolicy"].(map[string]any)
	text := str(policy, "LifecyclePolicyText")
	if text == "" {
		err := env.Invoke(ctx, "ecr", "DeleteLifecyclePolicy", map[string]any{"repositoryName": name}, nil)
		if missing(err) {
			return nil
		}
		return failed("Ecr", err)
	}
	request := map[string]any{"repositoryName": name, "lifecyclePolicyText": text}
	return failed("Ecr", env.Invoke(ctx, "ecr", "PutLifecyclePolicy", request, nil))
}

func updateRepository(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, changeRepository); err != nil {
		return Made{}, err
	}
	return repositoryMade(ctx, env, id)
}

func changeRepository(ctx context.Context, env Env, id string, old, p Properties) error {
	scanning, _ := p["ImageScanningConfiguration"].(map[string]any)
	steps := []struct {
		operation string
		request   map[string]any
	}{
		{"PutImageTagMutability", map[string]any{"repositoryName": id, "imageTagMutability": or(p, "ImageTagMutability", "MUTABLE")}},
		{"PutImageScanningConfiguration", map[string]any{"repositoryName": id, "imageScanningConfiguration": map[string]any{"scanOnPush": scanning["ScanOnPush"] == true}}},
	}
	for _, step := range steps {
		if err := env.Invoke(ctx, "ecr", step.operation, step.request, nil); err != nil {
			return failed("Ecr", err)
		}
	}
	same := func(tags []any) any { return tags }
	if err := changeTags(ctx, env, "ecr", "Ecr", env.arn("ecr", "repository/"+id), same, old, p); err != nil {
		return err
	}
	return putLifecycle(ctx, env, id, p)
}

func deleteRepository(ctx context.Context, env Env, id string, p Properties) error {
	request := map[string]any{"repositoryName": id, "force": str(p, "EmptyOnDelete") == "true"}
	err := env.Invoke(ctx, "ecr", "DeleteRepository", request, nil)
	if missing(err) {
		return nil
	}
	return failed("Ecr", err)
}

func readRepository(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	found, err := describeRepository(ctx, env, id)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("Ecr", err)
	}
	live := Properties{}
	maps.Copy(live, p)
	delete(live, "LifecyclePolicy")
	inTemplate, _ := repositoryShape.template(found).(map[string]any)
	maps.Copy(live, inTemplate)
	var policy struct{ LifecyclePolicyText string }
	err = env.Invoke(ctx, "ecr", "GetLifecyclePolicy", map[string]any{"repositoryName": id}, &policy)
	if err != nil && !missing(err) {
		return nil, failed("Ecr", err)
	}
	if wanted, _ := p["LifecyclePolicy"].(map[string]any); err == nil {
		live["LifecyclePolicy"] = map[string]any{"LifecyclePolicyText": document(wanted["LifecyclePolicyText"], policy.LifecyclePolicyText)}
	}
	var tags struct{ Tags []any }
	if err := env.Invoke(ctx, "ecr", "ListTagsForResource", map[string]any{"resourceArn": env.arn("ecr", "repository/"+id)}, &tags); err != nil {
		return nil, failed("Ecr", err)
	}
	live["Tags"] = tags.Tags
	return observed(p, live), nil
}
