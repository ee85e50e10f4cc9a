package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// notAuthorized is the sentence of AWS's denials; the resource is not always there.
var notAuthorized = regexp.MustCompile(`is not authorized to perform: (ecr:\w+)(?: on resource: (\S+))?`)

// actions are the names by which IAM knows the requests to a registry.
var actions = []struct{ method, part, action string }{
	{http.MethodPost, "/blobs/uploads", "ecr:InitiateLayerUpload"},
	{http.MethodPatch, "/blobs/uploads", "ecr:UploadLayerPart"},
	{http.MethodPut, "/blobs/uploads", "ecr:CompleteLayerUpload"},
	{http.MethodHead, "/blobs/", "ecr:BatchCheckLayerAvailability"},
	{http.MethodGet, "/blobs/", "ecr:GetDownloadUrlForLayer"},
	{http.MethodPut, "/manifests/", "ecr:PutImage"},
	{http.MethodHead, "/manifests/", "ecr:BatchGetImage"},
	{http.MethodGet, "/manifests/", "ecr:BatchGetImage"},
}

// expiredLogin is in the answers to a login that has ended (AWS: 12 hours after GetAuthorizationToken).
const expiredLogin = "token has expired"

func actionOf(req *http.Request) string {
	if req == nil || req.URL == nil {
		return ""
	}
	for _, a := range actions {
		if a.method == req.Method && strings.Contains(req.URL.Path, a.part) {
			return a.action
		}
	}
	return ""
}

// worded is what a registry said; empty for an answer without words.
func worded(answer *transport.Error) error {
	var messages []string
	for _, e := range answer.Errors {
		messages = append(messages, e.Message)
	}
	return errors.New(strings.Join(messages, "; "))
}

// explain puts into words what a registry refused. A cancellation stays what it is.
func explain(err error, repositoryURI string) error {
	var known *ops.Problem
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return refuse(ops.Unreachable, err, "check the network and run it again: what arrived is not sent again", "the registry of %s cannot be reached", repositoryURI)
	}
	said := worded(answer)
	switch {
	case answer.StatusCode == http.StatusForbidden && !strings.Contains(said.Error(), expiredLogin):
		return denied(answer, said, repositoryURI)
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return refuse(ops.Expired, said, "run it again, which logs in again", "the registry of %s does not accept the login", repositoryURI)
	case answer.StatusCode == http.StatusNotFound:
		return refuse(ops.NotFound, said, "the stack makes it: stepdeck stack deploy; or choose another with --repository", "the repository %s is not there", repositoryURI)
	case answer.StatusCode == http.StatusTooManyRequests:
		return refuse(ops.Throttled, said, "try again in a minute: what arrived is not sent again", "AWS throttles the push to %s", repositoryURI)
	case answer.StatusCode >= http.StatusInternalServerError:
		return refuse(ops.Unreachable, said, "try again in a minute: what arrived is not sent again", "the registry of %s is in trouble", repositoryURI)
	case strings.Contains(answer.Error(), "TAG_INVALID"):
		return refuse(ops.Conflict, said, "another image has this tag: remove it from the repository, or change the image", "the repository %s keeps its tags as they are", repositoryURI)
	default:
		return refuse(ops.Failed, answer, "see whether the registry takes such images", "the registry of %s refused the image", repositoryURI)
	}
}

// denied names the permission that is missing. Answers without a body say only what was asked for.
func denied(answer *transport.Error, said error, repositoryURI string) error {
	action, resource := actionOf(answer.Request), arnOf(repositoryURI)
	if m := notAuthorized.FindStringSubmatch(said.Error()); m != nil {
		action = m[1]
		if m[2] != "" {
			resource = strings.Trim(m[2], `"'.,`)
		}
	}
	if action == "" {
		return refuse(ops.Denied, said, "see the policy that pushing needs: stepdeck iam deployer", "AWS denied the push to %s", repositoryURI)
	}
	return refuse(ops.Denied, fmt.Errorf("the caller may not %s on %s", action, resource),
		fmt.Sprintf("allow %s on %s in the caller's policy: stepdeck iam deployer shows it; or choose another --profile or --role", action, resource),
		"AWS denied the push to %s", repositoryURI)
}

// arnOf is the ARN of a repository, of which its URI has all parts.
func arnOf(repositoryURI string) string {
	host, name, _ := strings.Cut(repositoryURI, "/")
	words := strings.Split(host, ".")
	if len(words) < 6 {
		return repositoryURI
	}
	account, region, partition := words[0], words[3], "aws"
	switch {
	case strings.HasSuffix(host, ".cn"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":ecr:" + region + ":" + account + ":repository/" + name
}
