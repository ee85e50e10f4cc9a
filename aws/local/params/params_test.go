package params_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/params"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rig is a service behind HTTP with the real client in front.
type rig struct {
	*ssm.Client
	t    *testing.T
	dir  string
	stop func()
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, dir: t.TempDir()}
	r.open()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *rig) open() {
	kept, err := store.Open(r.dir)
	noError(r.t, err)
	service, err := params.New(params.Options{Store: kept, Clock: clock.NewManual(start), Account: "123456789012", Region: "us-east-1"})
	noError(r.t, err)
	router := wiretest.Router()
	router.Register(service.API())
	server := httptest.NewServer(router)
	r.Client = ssm.NewFromConfig(wiretest.Config(server.URL))
	r.stop = func() {
		server.Close()
		if err := errors.Join(service.Close(), kept.Close()); err != nil {
			r.t.Error(err)
		}
	}
}

func (r *rig) put(name, value string, kind types.ParameterType) int64 {
	r.t.Helper()
	out, err := r.PutParameter(r.t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Type: kind, Overwrite: aws.Bool(true)})
	noError(r.t, err)
	return out.Version
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) || known.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestAParameterOutlastsARestart(t *testing.T) {
	r := newRig(t)
	r.put("/stepdeck/cluster", "old", types.ParameterTypeString)
	if version := r.put("/stepdeck/cluster", "runs", ""); version != 2 {
		t.Errorf("version %d after overwriting, want 2", version)
	}
	r.stop()
	r.open()
	arn := "arn:aws:ssm:us-east-1:123456789012:parameter/stepdeck/cluster"
	for _, name := range []string{"/stepdeck/cluster", arn} {
		out, err := r.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
		noError(t, err)
		want := &types.Parameter{
			ARN: &arn, DataType: aws.String("text"), LastModifiedDate: &start, Name: aws.String("/stepdeck/cluster"),
			Type: types.ParameterTypeString, Value: aws.String("runs"), Version: 2,
		}
		if diff := cmp.Diff(want, out.Parameter, cmpopts.IgnoreUnexported(types.Parameter{})); diff != "" {
			t.Error(diff)
		}
	}
	_, err := r.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/stepdeck/cluster")})
	noError(t, err)
	r.stop()
	r.open()
	_, err = r.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/stepdeck/cluster")})
	wantCode(t, err, "ParameterNotFound")
	_, err = r.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/stepdeck/cluster")})
	wantCode(t, err, "ParameterNotFound")
}

func TestASecureValueIsGivenWithDecryptionOnly(t *testing.T) {
	r := newRig(t)
	r.put("/key", "secret", types.ParameterTypeSecureString)
	shut, err := r.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/key")})
	noError(t, err)
	open, err := r.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/key"), WithDecryption: aws.Bool(true)})
	noError(t, err)
	if strings.Contains(*shut.Parameter.Value, "secret") || *shut.Parameter.Value == "" || *open.Parameter.Value != "secret" {
		t.Errorf("without decryption %q, with it %q", *shut.Parameter.Value, *open.Parameter.Value)
	}
}

func TestSeveralAtOnceTellWhichAreInvalid(t *testing.T) {
	r := newRig(t)
	r.put("a", "1", types.ParameterTypeString)
	r.put("b", "2,3", types.ParameterTypeStringList)
	out, err := r.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"b", "none", "a"}})
	noError(t, err)
	got := []string{}
	for _, p := range out.Parameters {
		got = append(got, *p.Name+"="+*p.Value)
	}
	if diff := cmp.Diff([]string{"a=1", "b=2,3"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"none"}, out.InvalidParameters); diff != "" {
		t.Error(diff)
	}
}

func TestParametersByPathComeInPages(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"/a/1", "/a/2", "/a/b/3", "/ab/4", "top"} {
		r.put(name, "x", types.ParameterTypeString)
	}
	tests := map[string]struct {
		in   ssm.GetParametersByPathInput
		want []string
	}{
		"one level":  {ssm.GetParametersByPathInput{Path: aws.String("/a")}, []string{"/a/1", "/a/2"}},
		"all levels": {ssm.GetParametersByPathInput{Path: aws.String("/a/"), Recursive: aws.Bool(true)}, []string{"/a/1", "/a/2", "/a/b/3"}},
		"all":        {ssm.GetParametersByPathInput{Path: aws.String("/"), Recursive: aws.Bool(true)}, []string{"/a/1", "/a/2", "/a/b/3", "/ab/4"}},
	}
	for name, test := range tests {
		for _, limit := range []int32{1, 2, 10} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				test.in.MaxResults = &limit
				var got []string
				pages := ssm.NewGetParametersByPathPaginator(r.Client, &test.in)
				for pages.HasMorePages() {
					page, err := pages.NextPage(t.Context())
					noError(t, err)
					for _, p := range page.Parameters {
						got = append(got, *p.Name)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	described, err := r.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{})
	noError(t, err)
	if len(described.Parameters) != 5 || *described.Parameters[4].Name != "top" {
		t.Errorf("described: %+v", described.Parameters)
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t)
	r.put("there", "x", types.ParameterTypeString)
	tests := map[string]struct {
		in   ssm.PutParameterInput
		code string
	}{
		"there already":       {ssm.PutParameterInput{Name: aws.String("there"), Value: aws.String("y"), Type: types.ParameterTypeString}, "ParameterAlreadyExists"},
		"without a type":      {ssm.PutParameterInput{Name: aws.String("new"), Value: aws.String("y")}, "ValidationException"},
		"of an unknown type":  {ssm.PutParameterInput{Name: aws.String("new"), Value: aws.String("y"), Type: "Number"}, "ValidationException"},
		"without a value":     {ssm.PutParameterInput{Name: aws.String("new"), Value: aws.String(""), Type: types.ParameterTypeString}, "ValidationException"},
		"too large":           {ssm.PutParameterInput{Name: aws.String("new"), Value: aws.String(strings.Repeat("x", 4097)), Type: types.ParameterTypeString}, "ValidationException"},
		"a reserved name":     {ssm.PutParameterInput{Name: aws.String("/aws/x"), Value: aws.String("y"), Type: types.ParameterTypeString}, "AccessDeniedException"},
		"a name with a blank": {ssm.PutParameterInput{Name: aws.String("a b"), Value: aws.String("y"), Type: types.ParameterTypeString}, "ValidationException"},
		"levels, no slash":    {ssm.PutParameterInput{Name: aws.String("a/b"), Value: aws.String("y"), Type: types.ParameterTypeString}, "ValidationException"},
		"too many levels":     {ssm.PutParameterInput{Name: aws.String(strings.Repeat("/x", 16)), Value: aws.String("y"), Type: types.ParameterTypeString}, "HierarchyLevelLimitExceededException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.PutParameter(t.Context(), &test.in)
			wantCode(t, err, test.code)
		})
	}
	_, err := r.GetParameters(t.Context(), &ssm.GetParametersInput{Names: make([]string, 11)})
	wantCode(t, err, "ValidationException")
	_, err = r.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("a")})
	wantCode(t, err, "ValidationException")
	_, err = r.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{NextToken: aws.String("!")})
	wantCode(t, err, "InvalidNextToken")
	_, err = r.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{MaxResults: aws.Int32(51)})
	wantCode(t, err, "ValidationException")
}
