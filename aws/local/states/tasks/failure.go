package tasks

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Failure is a task that failed, under the error name that Retry and Catch see.
type Failure struct {
	Name  string
	Cause string
}

// Error is the name and the cause.
func (f *Failure) Error() string { return f.Name + ": " + f.Cause }

// runTaskErrors are those that the model of RunTask declares. The optimised
// integration reports any other under the service's base exception.
var runTaskErrors = []string{
	"AccessDeniedException", "BlockedException", "ClientException", "ClusterNotFoundException", "ConflictException",
	"InvalidParameterException", "PlatformTaskDefinitionIncompatibilityException", "PlatformUnknownException",
	"ServerException", "UnsupportedFeatureException",
}

// failure is an error of a call as the integration reports it.
func (r Ref) failure(err error) *Failure {
	var known *wire.Error
	if !errors.As(err, &known) {
		known = &wire.Error{Code: "SdkClientException", Message: "Unable to execute HTTP request: " + err.Error()}
		return &Failure{Name: r.errorPrefix() + "." + known.Code, Cause: known.Message}
	}
	status := known.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	id := ids.UUID()
	if r.sdk {
		cause := fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)", known.Message, r.errorPrefix(), status, id)
		return &Failure{Name: r.errorPrefix() + "." + exception(known.Code), Cause: cause}
	}
	service, name := "AmazonECS", known.Code
	switch {
	case r.service == "states":
		service, name = "AWSStepFunctions", exception(known.Code)
	case !slices.Contains(runTaskErrors, known.Code):
		name = "AmazonECSException"
	}
	cause := fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)", known.Message, service, status, known.Code, id)
	return &Failure{Name: r.errorPrefix() + "." + name, Cause: cause}
}

func (r Ref) errorPrefix() string {
	switch name := strings.TrimPrefix(r.Type, "aws-sdk:"); {
	case r.sdk && name == "cloudwatchlogs":
		return "CloudWatchLogs"
	case r.sdk:
		return upper(name)
	case r.service == "states":
		return "StepFunctions"
	default:
		return "ECS"
	}
}

func exception(code string) string {
	return strings.TrimSuffix(code, "Exception") + "Exception"
}

// unsupported is what AWS says of a parameter that an integration does not take.
func unsupported(field string) error {
	return &asl.Fault{
		Name: asl.ErrRuntime, Cause: fmt.Sprintf("The field %q is not supported by Step Functions", field),
		HasCause: true, Prefix: true,
	}
}
