package resources

import (
	"context"
	"fmt"
)

const bucketType = "AWS::S3::Bucket"

// longestBucket bounds names of buckets.
const longestBucket = 63

// bucketShape has the properties' insides as they come: S3 keeps none of them here.
var bucketShape = of(
	texts("BucketName"),
	enum("AccessControl", "AuthenticatedRead", "AwsExecRead", "BucketOwnerFullControl", "BucketOwnerRead", "LogDeliveryWrite", "Private", "PublicRead", "PublicReadWrite"),
	each("BucketEncryption", of(lists("ServerSideEncryptionConfiguration!", of(
		flags("BucketKeyEnabled"),
		each("ServerSideEncryptionByDefault", of(texts("SSEAlgorithm! KMSMasterKeyID"))),
	)))),
	each("PublicAccessBlockConfiguration", of(flags("BlockPublicAcls BlockPublicPolicy IgnorePublicAcls RestrictPublicBuckets"))),
	each("OwnershipControls", of(lists("Rules!", of(enum("ObjectOwnership", "ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"))))),
	each("VersioningConfiguration", of(enum("Status", "Enabled", "Suspended"))),
	each("LifecycleConfiguration", of(lists("Rules!", lifecycleRule))),
	opaque("AccelerateConfiguration AnalyticsConfigurations CorsConfiguration IntelligentTieringConfigurations InventoryConfigurations LoggingConfiguration MetricsConfigurations NotificationConfiguration ReplicationConfiguration WebsiteConfiguration ObjectLockConfiguration"),
	flags("ObjectLockEnabled"),
	tagged(),
)

var lifecycleRule = of(
	texts("Id Prefix ExpirationDate"), enum("Status!", "Enabled", "Disabled"),
	numbers("ExpirationInDays NoncurrentVersionExpirationInDays ObjectSizeGreaterThan ObjectSizeLessThan"), flags("ExpiredObjectDeleteMarker"),
	each("AbortIncompleteMultipartUpload", of(numbers("DaysAfterInitiation!"))),
	each("NoncurrentVersionExpiration", of(numbers("NoncurrentDays! NewerNoncurrentVersions"))),
	opaque("NoncurrentVersionTransition NoncurrentVersionTransitions TagFilters Transition Transitions"),
)

// bucket keeps the properties as records: S3 of local AWS has objects alone.
func bucket() Kind {
	return checked(Kind{
		Type: bucketType, Replaces: []string{"BucketName", "ObjectLockEnabled"}, SystemTags: true,
		Create: createBucket, Update: updateBucket, Delete: deleteBucket, Read: readBucket,
		Name: "BucketName", Existing: func(_ context.Context, env Env, id string) (Made, error) { return bucketMade(env, id), nil },
	}, bucketShape)
}

func createBucket(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	name := physicalLower(env, logical, p, "BucketName", longestBucket)
	err := env.Invoke(ctx, "s3", "CreateBucket", map[string]any{"Bucket": name}, nil)
	if handlerCode(codeOf(err), 0) == alreadyExists {
		return Made{}, handled(name+" already exists (Service: S3, Status Code: 0, Request ID: null) (SDK Attempt Count: 1)", alreadyExists)
	}
	if err != nil {
		return Made{}, failed("S3", err)
	}
	return bucketMade(env, name), env.Records.Put(bucketType, name, p)
}

func updateBucket(_ context.Context, env Env, id string, _, p Properties) (Made, error) {
	return bucketMade(env, id), env.Records.Put(bucketType, id, p)
}

func deleteBucket(ctx context.Context, env Env, id string, _ Properties) error {
	if err := env.Invoke(ctx, "s3", "DeleteBucket", map[string]any{"Bucket": id}, nil); err != nil && !missing(err) {
		return failed("S3", err)
	}
	return env.Records.Delete(bucketType, id)
}

func readBucket(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	err := env.Invoke(ctx, "s3", "HeadBucket", map[string]any{"Bucket": id}, nil)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("S3", err)
	}
	live := Properties{}
	if _, err := env.Records.Get(bucketType, id, &live); err != nil {
		return nil, err
	}
	return observed(p, live), nil
}

func bucketMade(env Env, name string) Made {
	suffix := "amazonaws.com"
	if env.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	return Made{ID: name, Attributes: map[string]any{
		"Arn":        "arn:" + env.Partition + ":s3:::" + name,
		"DomainName": name + ".s3." + suffix, "RegionalDomainName": fmt.Sprintf("%s.s3.%s.%s", name, env.Region, suffix),
		"DualStackDomainName": fmt.Sprintf("%s.s3.dualstack.%s.%s", name, env.Region, suffix),
		"WebsiteURL":          fmt.Sprintf("http://%s.s3-website-%s.%s", name, env.Region, suffix),
	}}
}

func bucketPolicy() Kind {
	return recorded(Kind{Type: "AWS::S3::BucketPolicy", Replaces: []string{"Bucket"}}, of(texts("Bucket!"), opaque("PolicyDocument!")), "Bucket",
		func(_ Env, _ string, p Properties) string { return str(p, "Bucket") },
		func(Env, string) map[string]any { return nil })
}
