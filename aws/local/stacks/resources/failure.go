package resources

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// What a handler calls a failure. AWS: HandlerErrorCode.
const (
	alreadyExists = "AlreadyExists"
	notFound      = "NotFound"
	invalid       = "InvalidRequest"
)

// failed is an error of a service as the resource's handler tells it; nil for none.
func failed(service string, err error) error {
	var known *wire.Error
	if !errors.As(err, &known) {
		return err
	}
	status := known.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	text := fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)", known.Message, service, status, ids.UUID())
	return handled(text, handlerCode(known.Code, status))
}

// handled is a failure of the handler itself.
func handled(message, code string) error {
	return &handlerError{message: message, token: ids.UUID(), code: code}
}

// handlerError is told in CloudFormation's words, quotes in the message as they are.
type handlerError struct{ message, token, code string }

func (e *handlerError) Error() string {
	return `Resource handler returned message: "` + e.message + `" (RequestToken: ` + e.token + `, HandlerErrorCode: ` + e.code + `)`
}

// exists refuses a second resource of an identity.
func exists(kind, property, id string) error {
	return handled(fmt.Sprintf("Resource of type '%s' with identifier '{%q:%q}' already exists.", kind, "/properties/"+property, id), alreadyExists)
}

func handlerCode(code string, status int) string {
	switch {
	case strings.Contains(code, "AlreadyExists") || strings.Contains(code, "Duplicate") || strings.HasPrefix(code, "BucketAlready"):
		return alreadyExists
	case isMissing(code):
		return notFound
	case strings.Contains(code, "AccessDenied") || strings.Contains(code, "Unauthorized"):
		return "AccessDenied"
	case strings.Contains(code, "Throttl") || strings.Contains(code, "TooManyRequests"):
		return "Throttling"
	case strings.Contains(code, "LimitExceeded"):
		return "ServiceLimitExceeded"
	case status >= http.StatusInternalServerError:
		return "ServiceInternalError"
	case strings.Contains(code, "Invalid") || strings.Contains(code, "Validation") || strings.Contains(code, "Malformed") || code == "ClientException":
		return invalid
	default:
		return "GeneralServiceException"
	}
}

func isMissing(code string) bool {
	for _, part := range []string{"NotFound", "DoesNotExist", "NoSuch"} {
		if strings.Contains(code, part) {
			return true
		}
	}
	return false
}

// missing tells whether an error says that the thing is not there.
func missing(err error) bool {
	var known *wire.Error
	return errors.As(err, &known) && isMissing(known.Code)
}

// codeOf is the code of an error of a service; empty where there is none.
func codeOf(err error) string {
	var known *wire.Error
	if !errors.As(err, &known) {
		return ""
	}
	return known.Code
}

// takeBack undoes, by one call, what a create that failed has made; the cause
// is what is told.
func takeBack(ctx context.Context, cause error, env Env, service, operation string, request any) error {
	if err := env.Invoke(ctx, service, operation, request, nil); err != nil {
		return errors.Join(cause, failed(service, err))
	}
	return cause
}

// inPlace changes a resource from old to new, and back where that fails halfway.
func inPlace(ctx context.Context, env Env, id string, old, new Properties, change func(ctx context.Context, env Env, id string, old, new Properties) error) error {
	if err := change(ctx, env, id, old, new); err != nil {
		return errors.Join(err, change(ctx, env, id, new, old))
	}
	return nil
}
