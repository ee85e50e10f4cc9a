package check

import "github.com/stepdeck/stepdeck/aws/stack/template"

func missingRetentions(c *checker) {
	c.each(func(r template.Resource) {
		if template.Field(r.Properties, "RetentionInDays") == nil {
			c.at(name(r), "%s keeps its events for ever, and costs grow; set RetentionInDays", r.Name)
		}
	}, "AWS::Logs::LogGroup")
}

// stateful resources hold what a deletion or replacement would lose.
var stateful = []string{"AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::SQS::Queue"}

func missingDeletionPolicies(c *checker) {
	c.each(func(r template.Resource) {
		for _, field := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
			if template.Field(r.Node, field) == nil {
				c.at(name(r), "%s does not say whether its content outlives the stack; set %s to Retain or Delete", r.Name, field)
				return
			}
		}
	}, stateful...)
}

func missingBuckets(c *checker) {
	buckets := 0
	c.each(func(template.Resource) { buckets++ }, "AWS::S3::Bucket")
	if buckets > 0 {
		return
	}
	c.each(func(r template.Resource) {
		c.at(name(r), "the stack has no bucket, so %s has no place for its results; add one, and allow it to the task role", r.Name)
	}, "AWS::ECS::TaskDefinition")
}

func publicBuckets(c *checker) {
	c.each(func(r template.Resource) {
		block := template.Field(r.Properties, "PublicAccessBlockConfiguration")
		for _, field := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if template.Text(template.Field(block, field)) != "true" {
				c.at(place(block, name(r)), "%s can be made public; set all four settings of PublicAccessBlockConfiguration to true", r.Name)
				return
			}
		}
	}, "AWS::S3::Bucket")
}
