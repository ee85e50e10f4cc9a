package session_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

const runARN = "arn:aws:states:us-east-1:123456789012:execution:dumps:one"

func describe(t *testing.T, s *session.Session, arn string) error {
	_, err := statesOf(s).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
	return err
}

// want checks that an error is a problem of a kind whose words hold the given ones.
func want(t *testing.T, err error, kind ops.Kind, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	var p *ops.Problem
	if !errors.As(err, &p) {
		t.Fatalf("not a problem: %v", err)
	}
	if p.Kind != kind {
		t.Errorf("kind = %v, want %v: %v", p.Kind, kind, p)
	}
	for _, part := range []string{p.Title.String(), p.Hint.String()} {
		if part == "" {
			t.Errorf("title or hint is empty: %+v", p)
		}
	}
	for _, w := range words {
		if !strings.Contains(p.Error(), w) {
			t.Errorf("%q does not say %q", p.Error(), w)
		}
	}
}

func TestAnswersOfAWSInWords(t *testing.T) {
	const denial = `User: arn:aws:sts::123456789012:assumed-role/viewer/ann is not authorized to perform: states:DescribeExecution ` +
		`on resource: ` + runARN + ` because no identity-based policy allows the states:DescribeExecution action`
	for _, c := range []struct {
		name, code, message string
		status              int
		kind                ops.Kind
		words               []string
	}{
		{"expired", "ExpiredTokenException", "The security token included in the request is expired", 400, ops.Expired, []string{"aws sso login"}},
		{"denied", "AccessDeniedException", denial, 400, ops.Denied, []string{"viewer/ann may not states:DescribeExecution on " + runARN, "--role"}},
		{"denied without a resource", "AccessDeniedException", "User: u is not authorized to perform: states:DescribeExecution", 400, ops.Denied, []string{"allow states:DescribeExecution in", "stepdeck iam viewer"}},
		{"denied without an action", "AccessDenied", "Access Denied", 400, ops.Denied, []string{"allow states:DescribeExecution in", "stepdeck iam viewer"}},
		{"unknown key", "UnrecognizedClientException", "The security token included in the request is invalid.", 400, ops.Denied, []string{"region us-east-1"}},
		{"bad signature", "InvalidSignatureException", "Signature expired", 400, ops.Denied, []string{"clock"}},
		{"wrong region", "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'. ", 403, ops.Denied, []string{"is not of region us-east-1", "--region"}},
		{"throttled", "ThrottlingException", "Rate exceeded", 400, ops.Throttled, []string{"DescribeExecution", "minute"}},
		{"not found", "ExecutionDoesNotExist", "Execution Does Not Exist: '" + runARN + "'", 400, ops.NotFound, []string{runARN + " does not exist", "--region"}},
		{"validation", "ValidationException", "1 validation error detected", 400, ops.Usage, []string{"DescribeExecution", "1 validation error"}},
		{"conflict", "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400, ops.Conflict, []string{"answered"}},
		{"not redrivable", "ExecutionNotRedrivable", "no", 400, ops.Conflict, []string{"--like RUN"}},
		{"namespaced code", "com.amazonaws.swf.service.v2.model#InvalidArn", "Invalid Arn", 400, ops.Usage, []string{"InvalidArn"}},
		{"unheard of", "SomethingNew", "so it is", 400, ops.Failed, []string{"SomethingNew: so it is"}},
		{"server trouble", "InternalFailure", "oops", 500, ops.Unreachable, []string{"try again"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := answering(t, c.status, `{"__type":"`+c.code+`","message":"`+c.message+`"}`)
			want(t, describe(t, open(t, e.URL, nil), runARN), c.kind, c.words...)
		})
	}
}

func TestARunOfAnotherRegionNamesThatRegion(t *testing.T) {
	e := answering(t, 400, `{"__type":"ExecutionDoesNotExist","message":"no"}`)
	other := strings.Replace(runARN, "us-east-1", "eu-west-1", 1)
	want(t, describe(t, open(t, e.URL, nil), other), ops.NotFound, "--region eu-west-1")
}

func TestTheErrorOfTheSDKStaysReachable(t *testing.T) {
	e := answering(t, 400, `{"__type":"ExecutionDoesNotExist","message":"no"}`)
	var gone *types.ExecutionDoesNotExist
	if err := describe(t, open(t, e.URL, nil), runARN); !errors.As(err, &gone) {
		t.Fatalf("the cause is lost: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, describe(t, open(t, url, nil), runARN), ops.Unreachable, url, "refused", "stepdeck local")
}

func TestAnAnswerThatIsCutOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"executionArn":`)
	}))
	t.Cleanup(server.Close)
	want(t, describe(t, open(t, server.URL, nil), runARN), ops.Unreachable, "DescribeExecution of "+runARN, "a part of its answer", "unexpected EOF", "stepdeck local")
}

func TestNoCredentials(t *testing.T) {
	noAWSFiles(t)
	e := answering(t, 200, "{}")
	s := open(t, e.URL, func(o *session.Options) { o.Local = false })
	want(t, describe(t, s, runARN), ops.Denied, "no AWS credentials", "--profile", "--local")
	if n := len(e.calls()); n != 0 {
		t.Errorf("%d calls were sent unsigned", n)
	}
}

func TestExpiredLoginNamesTheCommand(t *testing.T) {
	noAWSFiles(t)
	file := filepath.Join(t.TempDir(), "config")
	const profile = "[profile prod]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n" +
		"[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("HOME", t.TempDir())
	s := open(t, "", func(o *session.Options) { o.Local, o.Profile = false, "prod" })
	want(t, describe(t, s, runARN), ops.Expired, "aws sso login --profile prod")
	t.Setenv("AWS_PROFILE", "prod")
	s = open(t, "", func(o *session.Options) { o.Local = false })
	want(t, describe(t, s, runARN), ops.Expired, "aws sso login --profile prod")
}

func TestConfigurationThatCannotBeUsed(t *testing.T) {
	noAWSFiles(t)
	_, err := session.Open(t.Context(), session.Options{Profile: "nobody", Region: "us-east-1"})
	want(t, err, ops.Usage, "profile nobody does not exist", "list-profiles")
	_, err = session.Open(t.Context(), session.Options{})
	want(t, err, ops.Usage, "no region is set", "--region")
}

func TestLocalTakesNothingFromTheUsersProfile(t *testing.T) {
	noAWSFiles(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
	t.Setenv("AWS_REGION", "eu-west-1")
	s := open(t, "http://127.0.0.1:1", nil)
	credentials, err := s.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if credentials.AccessKeyID != "local" || s.Region() != "us-east-1" {
		t.Errorf("key %s in %s, want the local ones", credentials.AccessKeyID, s.Region())
	}
}

func TestLocalIsAskedInTheRegionThatIsWanted(t *testing.T) {
	noAWSFiles(t)
	s := open(t, "http://127.0.0.1:1", func(o *session.Options) { o.Region = "eu-west-1" })
	if s.Region() != "eu-west-1" {
		t.Errorf("requests are for %s", s.Region())
	}
}
