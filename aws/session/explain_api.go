package session

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/stepdeck/stepdeck/aws/access"
	"github.com/stepdeck/stepdeck/aws/ops"
)

// kinds sorts AWS's error codes. Codes are those of the services' API references.
var kinds = map[string]ops.Kind{
	"ExpiredToken":          ops.Expired,
	"ExpiredTokenException": ops.Expired,
	"RequestExpired":        ops.Expired,

	"AccessDenied":                ops.Denied,
	"AccessDeniedException":       ops.Denied,
	"AuthFailure":                 ops.Denied,
	"Forbidden":                   ops.Denied,
	"IncompleteSignature":         ops.Denied,
	"InvalidClientTokenId":        ops.Denied,
	"InvalidSignatureException":   ops.Denied,
	"KmsAccessDeniedException":    ops.Denied,
	"MissingAuthenticationToken":  ops.Denied,
	"OptInRequired":               ops.Denied,
	"SignatureDoesNotMatch":       ops.Denied,
	"UnauthorizedOperation":       ops.Denied,
	"UnrecognizedClientException": ops.Denied,
	"InvalidAccessKeyId":          ops.Denied,

	"ActivityDoesNotExist":      ops.NotFound,
	"ClusterNotFoundException":  ops.NotFound,
	"ExecutionDoesNotExist":     ops.NotFound,
	"NoSuchBucket":              ops.NotFound,
	"NoSuchKey":                 ops.NotFound,
	"NotFound":                  ops.NotFound,
	"ParameterNotFound":         ops.NotFound,
	"ResourceNotFound":          ops.NotFound,
	"ResourceNotFoundException": ops.NotFound,
	"StateMachineDoesNotExist":  ops.NotFound,

	"ConflictException":         ops.Conflict,
	"ExecutionAlreadyExists":    ops.Conflict,
	"ExecutionNotRedrivable":    ops.Conflict,
	"StateMachineAlreadyExists": ops.Conflict,
	"StateMachineDeleting":      ops.Conflict,
	"TaskDoesNotExist":          ops.Conflict,
	"TaskTimedOut":              ops.Conflict,

	"InvalidArn":                ops.Usage,
	"InvalidDefinition":         ops.Usage,
	"InvalidExecutionInput":     ops.Usage,
	"InvalidName":               ops.Usage,
	"InvalidOutput":             ops.Usage,
	"InvalidParameterException": ops.Usage,
	"SerializationException":    ops.Usage,
	"ValidationException":       ops.Usage,
}

// hints are the next steps after codes that call for a particular one.
var hints = map[string]string{
	"ExecutionAlreadyExists":       "choose another --name, or leave it out",
	"ExecutionNotRedrivable":       "start it anew with: stepdeck start MACHINE --like RUN",
	"ExecutionLimitExceeded":       "wait for runs to end, or stop some",
	"InvalidSignatureException":    "check the secret key and this computer's clock",
	"SignatureDoesNotMatch":        "check the secret key and this computer's clock",
	"InvalidToken":                 "the token belongs to another account, region or endpoint",
	"TaskTimedOut":                 "the task was answered, or its run went on or ended: look at the run again",
	"TaskDoesNotExist":             "the task was answered, or its run went on or ended: look at the run again",
	"StateMachineTypeNotSupported": "this works for standard machines only",
}

// api explains an answer of AWS that is an error.
func (f failure) api(api smithy.APIError) *ops.Problem {
	code := api.ErrorCode()
	if isThrottle(f.err) {
		return f.make(ops.Throttled, "AWS throttles "+f.operation, api.ErrorMessage(), "too many calls in this account and region: try again in a minute")
	}
	kind, known := kinds[code]
	switch {
	case kind == ops.Expired:
		return f.expired(api.ErrorMessage())
	case kind == ops.Denied:
		return f.denied(api)
	case !known && f.isServerFault():
		return f.make(ops.Unreachable, f.where()+" is in trouble", fmt.Sprintf("%s: %s", code, api.ErrorMessage()), "try again in a minute")
	case !known:
		kind = ops.Failed
	}
	hint := hints[code]
	if region := f.otherRegion(); region != "" && (kind == ops.NotFound || kind == ops.Usage) {
		hint = "it is in another region: add --region " + region
	}
	if hint == "" {
		hint = f.usualHint(kind)
	}
	return f.make(kind, f.title(kind), describe(code, api.ErrorMessage()), hint)
}

func (f failure) isServerFault() bool {
	var response *smithyhttp.ResponseError
	return errors.As(f.err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError
}

func (f failure) title(kind ops.Kind) string {
	if kind != ops.NotFound {
		return f.what() + " was refused"
	}
	if f.target == "" {
		return f.operation + " found nothing"
	}
	return f.target + " does not exist in " + f.session.Region()
}

func (f failure) usualHint(kind ops.Kind) string {
	switch kind {
	case ops.NotFound:
		return "check the name, --region and --profile"
	case ops.Conflict:
		return "look at it again: it has changed meanwhile"
	case ops.Usage:
		return "correct the value and run it again"
	default:
		return "the program's log has the request id"
	}
}

// notAuthorized is the sentence of AWS's denials; the resource is not always there.
var notAuthorized = regexp.MustCompile(`(?:User: (\S+) )?is not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?`)

// badScope is how AWS says that a request was signed for another region than the endpoint's.
const badScope = "Credential should be scoped to a valid region"

func (f failure) denied(api smithy.APIError) *ops.Problem {
	if m := notAuthorized.FindStringSubmatch(api.ErrorMessage()); m != nil {
		who, action, resource := m[1], m[2], strings.Trim(m[3], `"'.`)
		if who == "" {
			who = "the caller"
		}
		detail, allow := who+" may not "+action, "allow "+action
		if resource != "" {
			detail, allow = detail+" on "+resource, allow+" on "+resource
		}
		return f.make(ops.Denied, "AWS denied "+f.operation, detail, allow+" in the caller's policy"+f.policyHint()+", or choose another --profile or --role")
	}
	if strings.Contains(api.ErrorMessage(), badScope) {
		return f.make(ops.Denied, "AWS denied "+f.operation, describe(api.ErrorCode(), api.ErrorMessage()),
			f.where()+" is not of region "+f.session.Region()+": give its own with --region")
	}
	if use, known := access.Find(f.service, f.operation); known && lacksPermission[api.ErrorCode()] && len(use.Needs) > 0 {
		return f.make(ops.Denied, "AWS denied "+f.operation, describe(api.ErrorCode(), api.ErrorMessage()),
			"allow "+use.Needs[0].Action+" in the caller's policy"+f.policyHint()+", or choose another --profile or --role")
	}
	hint := hints[api.ErrorCode()]
	if hint == "" {
		hint = "check the credentials" + strings.Replace(f.profileFlag(), " --profile", " of profile", 1) +
			", and that the account uses region " + f.session.Region()
	}
	return f.make(ops.Denied, "AWS denied "+f.operation, describe(api.ErrorCode(), api.ErrorMessage()), hint)
}

// lacksPermission are the codes of a caller who is known and may not; they do not always say what.
var lacksPermission = map[string]bool{"AccessDenied": true, "AccessDeniedException": true, "UnauthorizedOperation": true}

// policyHint names the command that prints a policy with what the call needs.
func (f failure) policyHint() string {
	use, known := access.Find(f.service, f.operation)
	if !known {
		return ""
	}
	return " (stepdeck iam " + string(use.Role) + " prints one)"
}

func describe(code, message string) string {
	if message == "" {
		return code
	}
	return code + ": " + message
}
