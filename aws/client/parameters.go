package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// secrets keeps SecureStrings in Systems Manager's Parameter Store.
type secrets struct {
	api    *ssm.Client
	region string
}

func newSecrets(cfg aws.Config) *secrets {
	return &secrets{api: ssm.NewFromConfig(cfg), region: cfg.Region}
}

// Secret reads by DescribeParameters, which never gives a value.
func (s *secrets) Secret(ctx context.Context, name string) (stack.Secret, error) {
	pages := ssm.NewDescribeParametersPaginator(s.api, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name}}},
	})
	// AWS: a page may be empty although another follows.
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return stack.Secret{}, err
		}
		for _, p := range page.Parameters {
			if aws.ToString(p.Name) != name {
				continue
			}
			return stack.Secret{Name: aws.ToString(p.Name), Type: string(p.Type)}, nil
		}
	}
	return stack.Secret{}, &ops.Problem{
		Kind: ops.NotFound, Title: safe.Linef("there is no parameter %s in %s", name, s.region),
		Hint: safe.Linef("make it with: stepdeck stack secret set %s", name),
	}
}

func (s *secrets) PutSecret(ctx context.Context, name string, value stack.Value, keyID string) (int64, error) {
	out, err := s.api.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &name, Value: aws.String(value.Reveal()), Type: types.ParameterTypeSecureString,
		KeyId: optional(keyID), Overwrite: aws.Bool(true),
	})
	if err != nil {
		return 0, err
	}
	return out.Version, nil
}
