package stack

import (
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// handlerMessage is how CloudFormation quotes the service behind a resource. A
// second quote, of an attempt to undo what failed, may follow.
var handlerMessage = regexp.MustCompile(`(?s)^Resource handler returned message: "(.*?)" \(RequestToken: [^,)]*(?:, HandlerErrorCode: (\w+))?\)`)

// requestDetail ends a service's message with what only AWS Support can use.
var requestDetail = regexp.MustCompile(`\s*\((?:Service|SDK Attempt|Request ID)[^()]*\)`)

// Explain takes a failed event's reason out of CloudFormation's wrapping, and
// tells what to do about it. next is empty where the reason says all.
func Explain(e Event) (reason, next safe.Text) {
	text, code := e.Reason.String(), ""
	if m := handlerMessage.FindStringSubmatch(text); m != nil {
		text, code = m[1], m[2]
	}
	text = strings.TrimSpace(requestDetail.ReplaceAllString(text, ""))
	if text == "" {
		text = "AWS gives no reason"
	}
	if !e.Path.Empty() {
		text = e.Path.String() + ": " + text
	}
	return safe.Line(text), safe.Line(nextAfter(code, text, e))
}

// nextSteps are by the codes of the contract between CloudFormation and its
// resource handlers (AWS: "Handler error codes").
var nextSteps = map[string]string{
	"AlreadyExists":           "another stack, or somebody by hand, has made it: delete it or rename it, or deploy with --adopt if an earlier stack of this name left it",
	"NotFound":                "somebody has deleted it past the stack: make it again under its name, and deploy again; stepdeck stack drift lists what else is gone",
	"AccessDenied":            "let the deployer's policy allow it: stepdeck iam deployer prints what is needed",
	"ServiceLimitExceeded":    "ask AWS for a larger quota, or delete what is not needed",
	"Throttling":              "deploy again in a minute",
	"ServiceInternalError":    "deploy again in a minute",
	"NetworkFailure":          "deploy again in a minute",
	"NotStabilized":           "deploy again: AWS waited for it in vain",
	"ResourceConflict":        "deploy again once nothing else changes it",
	"InvalidCredentials":      "sign in again, and deploy again",
	"GeneralServiceException": "",
}

// soonOver are failures that the same deployment does not meet again: what one
// service has just made, another does not know yet, or still. Their codes would tell otherwise.
var soonOver = map[string]string{
	"service linked role":               "deploy again in a minute: ECS has just been given the role that it needs in this account",
	"authorized to access the Log Dest": "deploy again in a minute: the permissions of the machine's new role were not known everywhere yet",
	"to assume the provided role":       "deploy again in a minute: the machine's new role was not known everywhere yet",
	"is being deleted":                  "deploy again in a minute: what the last stack of this name left is still being deleted",
}

func nextAfter(code, text string, e Event) string {
	for part, next := range soonOver {
		if strings.Contains(text, part) {
			return next
		}
	}
	switch {
	case nextSteps[code] != "":
		return nextSteps[code]
	case strings.Contains(text, "already exists"):
		return nextSteps["AlreadyExists"]
	case strings.Contains(text, "not authorized"):
		return nextSteps["AccessDenied"]
	case e.Type == "AWS::S3::Bucket" && strings.Contains(text, "not empty"):
		return "empty the bucket, or keep it"
	}
	return ""
}

// cancelled recognises a resource that failed only because another one did.
func cancelled(e Event) bool {
	return strings.HasPrefix(e.Reason.String(), "Resource ") && strings.Contains(e.Reason.String(), "cancelled")
}
