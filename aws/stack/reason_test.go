package stack_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func TestReasonsAreTakenOutOfTheirWrapping(t *testing.T) {
	for raw, want := range map[string][2]string{
		`Resource handler returned message: "Repository 'dumps' already exists (Service: Ecr, Status Code: 400, Request ID: 1-2)" (RequestToken: 3-4, HandlerErrorCode: AlreadyExists)`: {"Repository 'dumps' already exists", "--adopt"},
		`Resource handler returned message: "quota (20) reached" (RequestToken: 3, HandlerErrorCode: ServiceLimitExceeded)`:                                                             {"quota (20) reached", "quota"},
		"User: arn:aws:iam::1:user/ann is not authorized to perform: iam:CreateRole":                                                                                                    {"User: arn:aws:iam::1:user/ann is not authorized to perform: iam:CreateRole", "stepdeck iam deployer"},
		`Resource handler returned message: "Invalid request provided: CreateCluster Invalid Request: Unable to assume the service linked role. Please verify that the ECS service linked role exists. (Service: AmazonECS; Status Code: 400; Error Code: InvalidParameterException; Request ID: 1; Proxy: null)" (RequestToken: 3, HandlerErrorCode: InvalidRequest)`: {
			"Invalid request provided: CreateCluster Invalid Request: Unable to assume the service linked role. Please verify that the ECS service linked role exists.", "deploy again",
		},
		`Resource handler returned message: "The state machine IAM Role is not authorized to access the Log Destination (Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException; Request ID: 1; Proxy: null)" (RequestToken: 3, HandlerErrorCode: AccessDenied)`: {
			"The state machine IAM Role is not authorized to access the Log Destination", "deploy again",
		},
		`Resource handler returned message: "State Machine is being deleted: 'arn:x' (Service: Sfn, Status Code: 400, Request ID: 1)" (RequestToken: 3, HandlerErrorCode: ResourceConflict)`: {
			"State Machine is being deleted: 'arn:x'", "still being deleted",
		},
		"Resource handler returned message: \"not authorized (Service: Sfn, Status Code: 400)\" (RequestToken: 3, HandlerErrorCode: AccessDenied)\n" +
			"Resource handler returned message: \"still not\" (RequestToken: 4, HandlerErrorCode: AccessDenied)": {"not authorized", "stepdeck iam deployer"},
		`Resource handler returned message: "The specified log group does not exist." (RequestToken: 3, HandlerErrorCode: NotFound)`: {
			"The specified log group does not exist.", "make it again",
		},
		"Invalid principal in policy": {"Invalid principal in policy", ""},
		"":                            {"AWS gives no reason", ""},
	} {
		reason, next := stack.Explain(stack.Event{Reason: safe.Line(raw)})
		if reason.String() != want[0] || !strings.Contains(next.String(), want[1]) || (want[1] == "") != next.Empty() {
			t.Errorf("%q: %q, next %q", raw, reason, next)
		}
	}
}

func FuzzExplain(f *testing.F) {
	f.Add(`Resource handler returned message: "a (Service: S3)" (RequestToken: 1, HandlerErrorCode: AlreadyExists)`)
	f.Add("Resource handler returned message: \"")
	f.Fuzz(func(t *testing.T, raw string) {
		reason, _ := stack.Explain(stack.Event{Reason: safe.Line(raw)})
		if reason.Empty() || !utf8.ValidString(reason.String()) {
			t.Errorf("%q became %q", raw, reason)
		}
	})
}
