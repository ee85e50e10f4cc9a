package tasks

import (
	"slices"
	"strings"
)

// integrations are the services that AWS has an optimised integration for, so
// that a definition may name them even where local AWS cannot call them.
var integrations = []string{
	"apigateway", "athena", "aws-sdk", "batch", "bedrock", "codebuild", "databrew", "dynamodb", "ecs", "eks",
	"elasticmapreduce", "emr-containers", "emr-serverless", "events", "glue", "http", "lambda", "mediaconvert",
	"sagemaker", "sns", "sqs", "states",
}

// Known says whether AWS takes the resource of a Task state in a definition.
// What it knows and local AWS cannot call fails when it is run.
func Known(resource string) bool {
	rest, ok := strings.CutPrefix(resource, prefix)
	if !ok {
		return true
	}
	service, action, _ := strings.Cut(rest, ":")
	if !slices.Contains(integrations, service) || action == "" {
		return false
	}
	if service == "ecs" || service == "states" {
		_, ok := Parse(resource)
		return ok
	}
	return true
}
