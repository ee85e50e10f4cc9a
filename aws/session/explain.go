package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

var errReadOnly = errors.New("the session is read-only")

// journalError keeps a change back because it could not be recorded.
type journalError struct{ err error }

func (e *journalError) Error() string { return e.err.Error() }
func (e *journalError) Unwrap() error { return e.err }

// failure is one call that did not work, and where it was meant to go.
type failure struct {
	err       error
	service   string
	operation string
	target    string
	session   *Session
}

// explain puts an error of a call into words. A caller's own cancellation stays what it is.
func (s *Session) explain(err error, service, operation string, input any) error {
	var known *ops.Problem
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	f := failure{err: err, service: service, operation: operation, target: targetOf(input), session: s}
	problem := f.problem()
	problem.Detail = safe.Line(withoutSecrets(problem.Detail.String(), input))
	return problem
}

// Explain puts into words an error that came after the call itself, out of its stream; nil stays nil.
func (s *Session) Explain(service, operation string, err error) error {
	if err == nil {
		return nil
	}
	return s.explain(err, service, operation, nil)
}

func (f failure) problem() *ops.Problem {
	var journal *journalError
	var expiredLogin *ssocreds.InvalidTokenError
	var api smithy.APIError
	switch {
	case errors.Is(f.err, errReadOnly):
		return f.make(ops.Denied, f.what()+" was not sent", "this session is read-only", "run it again without --read-only")
	case errors.As(f.err, &journal):
		return f.make(ops.Failed, f.what()+" was not sent", journal.Error(),
			"make the file writable: a change that cannot be recorded is not made")
	case errors.As(f.err, &expiredLogin):
		return f.expired("the login has ended")
	case errors.As(f.err, &api):
		return f.api(api)
	case f.isCredentials():
		return f.credentials()
	case errors.Is(f.err, context.DeadlineExceeded):
		return f.make(ops.Unreachable, f.what()+" got no answer", fmt.Sprintf("%s was silent for %s", f.where(), callDeadline), f.reachHint())
	default:
		return f.transport()
	}
}

func (f failure) make(kind ops.Kind, title, detail, hint string) *ops.Problem {
	return &ops.Problem{Kind: kind, Title: safe.Line(title), Detail: safe.Line(detail), Hint: safe.Line(hint), Err: f.err}
}

// what names the call and the thing it was about.
func (f failure) what() string {
	if f.target == "" {
		return f.operation
	}
	return f.operation + " of " + f.target
}

func (f failure) where() string {
	if e := f.session.Endpoint(); e != "" {
		return e
	}
	return "AWS in " + f.session.Region()
}

func (f failure) profileFlag() string {
	if p := f.session.Profile(); p != "" {
		return " --profile " + p
	}
	return ""
}

func (f failure) expired(detail string) *ops.Problem {
	return f.make(ops.Expired, "the AWS session has expired", detail, "run: aws sso login"+f.profileFlag())
}

// isCredentials recognises a call that failed before it could be signed; the SDK has no type for it.
func (f failure) isCredentials() bool {
	return strings.Contains(f.err.Error(), "get credentials") || strings.Contains(f.err.Error(), "get identity")
}

func (f failure) credentials() *ops.Problem {
	text := f.err.Error()
	if strings.Contains(text, "SSO token") || strings.Contains(text, "SSO session") {
		return f.expired("the login has ended or was never made")
	}
	if strings.Contains(text, "assume role") || strings.Contains(text, "AssumeRole") {
		return f.make(ops.Denied, "the role could not be assumed", text, "check --role and the profile's role_arn")
	}
	return f.make(ops.Denied, "no AWS credentials were found", "tried the environment, the profile and the container's role",
		"choose one with --profile NAME, run aws configure, or use --local")
}

// transport explains an error below HTTP: no such host, nothing listening, TLS, an answer cut off.
func (f failure) transport() *ops.Problem {
	var dns *net.DNSError
	var send *smithyhttp.RequestSendError
	var network *net.OpError
	switch {
	case errors.As(f.err, &dns) && f.session.Endpoint() == "":
		return f.make(ops.Unreachable, "AWS in "+f.session.Region()+" cannot be reached", "no host "+dns.Name,
			"check the network, and that --region names an AWS region")
	case errors.As(f.err, &send):
		return f.make(ops.Unreachable, f.where()+" cannot be reached", innermost(send), f.reachHint())
	case errors.Is(f.err, io.ErrUnexpectedEOF), errors.As(f.err, &network):
		return f.make(ops.Unreachable, f.what()+" got a part of its answer only", f.where()+" ended the connection: "+innermost(f.err), f.reachHint())
	default:
		return f.make(ops.Internal, f.what()+" failed", f.err.Error(), "the program's log has the whole error")
	}
}

func (f failure) reachHint() string {
	if u, err := url.Parse(f.session.Endpoint()); err == nil {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return "is it running? stepdeck local starts the local AWS"
		}
		if u.Host != "" {
			return "check --endpoint-url and the network"
		}
	}
	return "check the network and try again"
}

// innermost drops the layers of an error that only repeat the call.
func innermost(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Error()
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// otherRegion returns the region of the call's target if it is not the session's.
func (f failure) otherRegion() string {
	a, err := arn.Parse(f.target)
	if err != nil || a.Region == "" || a.Region == f.session.Region() {
		return ""
	}
	return a.Region
}

// explainConfig puts into words why the AWS configuration could not be used.
func explainConfig(err error) error {
	f := failure{err: err}
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return f.make(ops.Usage, "profile "+missing.Profile+" does not exist", "it is neither in the AWS config nor in the credentials file",
			"aws configure list-profiles shows those there are")
	}
	return f.make(ops.Usage, "the AWS configuration cannot be used", err.Error(), "correct the AWS config file, or choose another --profile")
}

func noRegion(o Options) error {
	hint := "add --region REGION, or run: aws configure set region REGION"
	if o.Profile != "" {
		hint += " --profile " + o.Profile
	}
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Line("no region is set"),
		Detail: safe.Line("neither --region, AWS_REGION nor the profile names one"), Hint: safe.Line(hint),
	}
}
