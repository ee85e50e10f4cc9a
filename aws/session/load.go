package session

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	localRegion     = "us-east-1"
	localCredential = "local"
)

// loadConfig reads the AWS configuration; it sends nothing.
func loadConfig(ctx context.Context, o Options) (aws.Config, error) {
	if o.Local {
		return localConfig(o), nil
	}
	options := []func(*config.LoadOptions) error{config.WithRetryMaxAttempts(3)}
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	if o.Endpoint != "" {
		options = append(options, config.WithBaseEndpoint(o.Endpoint))
	}
	if !onEC2() {
		// Without this the last credentials source that is tried is an address that answers
		// only inside EC2, and the person waits seconds for "no credentials".
		options = append(options, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	if cfg.Region == "" && cfg.BaseEndpoint != nil {
		cfg.Region = localRegion
	}
	if o.Role != "" {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.Role, func(r *stscreds.AssumeRoleOptions) {
			r.RoleSessionName = "stepdeck"
		})
		cfg.Credentials = aws.NewCredentialsCache(provider)
	}
	return cfg, nil
}

// localConfig takes nothing from the user's AWS files: local AWS must not see a real key.
func localConfig(o Options) aws.Config {
	return aws.Config{
		Region:       cmp.Or(o.Region, localRegion),
		BaseEndpoint: aws.String(o.Endpoint),
		Credentials: aws.NewCredentialsCache(
			credentials.NewStaticCredentialsProvider(localCredential, localCredential, "")),
		RetryMaxAttempts: 3,
	}
}

// onEC2 asks the firmware, which answers at once, whether an instance metadata service can be there.
func onEC2() bool {
	vendor, err := os.ReadFile("/sys/class/dmi/id/sys_vendor")
	return err == nil && strings.HasPrefix(string(vendor), "Amazon EC2")
}
