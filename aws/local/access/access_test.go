package access_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/access"
	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

const (
	signed = "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x"
	trust  = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	grant  = `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`
)

type iam struct {
	t      *testing.T
	router *wire.Router
	url    string
	stop   func()
}

func open(t *testing.T, dir string) *iam {
	t.Helper()
	records, err := store.Open(dir)
	noError(t, err)
	service, err := access.New(access.Options{
		Store: records, Clock: clock.NewManual(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), Account: "123456789012",
	})
	noError(t, err)
	router := wiretest.Router()
	router.RegisterQuery(service.API())
	router.RegisterInside("iam", service.Inside())
	server := httptest.NewServer(router)
	return &iam{t: t, router: router, url: server.URL, stop: func() {
		server.Close()
		noError(t, errors.Join(service.Close(), records.Close()))
	}}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// query is the status and the answer to a form, with the ids taken out.
func (i *iam) query(pairs ...string) (int, string) {
	i.t.Helper()
	form := url.Values{"Version": {"2010-05-08"}}
	for n := 0; n < len(pairs); n += 2 {
		form.Set(pairs[n], pairs[n+1])
	}
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, i.url, strings.NewReader(form.Encode()))
	noError(i.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", signed)
	answer, err := http.DefaultClient.Do(req)
	noError(i.t, err)
	defer func() { noError(i.t, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	noError(i.t, err)
	return answer.StatusCode, strings.ReplaceAll(string(text), answer.Header.Get("x-amzn-RequestId"), "ID")
}

// call is the answer to a call from inside.
func (i *iam) call(operation, request string) map[string]any {
	i.t.Helper()
	text, err := i.router.Invoke(i.t.Context(), "iam", operation, []byte(request))
	noError(i.t, err)
	var out map[string]any
	noError(i.t, json.Unmarshal(text, &out))
	return out
}

func (i *iam) refused(want string, pairs ...string) {
	i.t.Helper()
	status, text := i.query(pairs...)
	_, rest, _ := strings.Cut(text, "<Code>")
	code, rest, _ := strings.Cut(rest, "</Code><Message>")
	message, _, _ := strings.Cut(rest, "</Message>")
	if got := code + ": " + message; got != want || status < 400 {
		i.t.Errorf("%v: %d %s, want %s", pairs, status, got, want)
	}
}

func TestARoleOutlastsARestart(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	i.query("Action", "CreateRole", "RoleName", "task", "Path", "/dumps/", "AssumeRolePolicyDocument", trust, "MaxSessionDuration", "7200", "Tags.member.1.Key", "team", "Tags.member.1.Value", "data")
	i.query("Action", "PutRolePolicy", "RoleName", "task", "PolicyName", "read", "PolicyDocument", grant)
	i.query("Action", "AttachRolePolicy", "RoleName", "task", "PolicyArn", "arn:aws:iam::aws:policy/service-role/Base")
	i.stop()
	i = open(t, dir)
	defer i.stop()

	role := i.call("GetRole", `{"RoleName":"task"}`)["Role"].(map[string]any)
	if role["RoleId"] == "" || len(role["RoleId"].(string)) != 21 {
		t.Errorf("id: %v", role["RoleId"])
	}
	delete(role, "RoleId")
	want := map[string]any{
		"Path": "/dumps/", "RoleName": "task", "Arn": "arn:aws:iam::123456789012:role/dumps/task", "CreateDate": "2026-11-23T12:00:00Z",
		"AssumeRolePolicyDocument": trust, "MaxSessionDuration": 7200.0, "Tags": []any{map[string]any{"Key": "team", "Value": "data"}},
	}
	if diff := cmp.Diff(want, role); diff != "" {
		t.Error(diff)
	}
	if _, text := i.query("Action", "GetRolePolicy", "RoleName", "task", "PolicyName", "read"); !strings.Contains(text, "<PolicyDocument>%7B%22Statement%22%3A%7B") {
		t.Errorf("the policy in XML: %s", text)
	}
	if diff := cmp.Diff([]any{"read"}, i.call("ListRolePolicies", `{"RoleName":"task"}`)["PolicyNames"]); diff != "" {
		t.Error(diff)
	}
	attached := []any{map[string]any{"PolicyName": "Base", "PolicyArn": "arn:aws:iam::aws:policy/service-role/Base"}}
	if diff := cmp.Diff(attached, i.call("ListAttachedRolePolicies", `{"RoleName":"task"}`)["AttachedPolicies"]); diff != "" {
		t.Error(diff)
	}
}

func TestARoleGoesWhenNothingIsLeftOnIt(t *testing.T) {
	i := open(t, t.TempDir())
	defer i.stop()
	i.call("CreateRole", `{"RoleName":"task","AssumeRolePolicyDocument":`+quoted(trust)+`}`)
	i.call("PutRolePolicy", `{"RoleName":"task","PolicyName":"read","PolicyDocument":`+quoted(grant)+`}`)
	i.call("AttachRolePolicy", `{"RoleName":"task","PolicyArn":"arn:aws:iam::aws:policy/Base"}`)
	i.refused("DeleteConflict: Cannot delete entity, must detach all policies first.", "Action", "DeleteRole", "RoleName", "task")
	i.call("DetachRolePolicy", `{"RoleName":"task","PolicyArn":"arn:aws:iam::aws:policy/Base"}`)
	i.refused("DeleteConflict: Cannot delete entity, must delete policies first.", "Action", "DeleteRole", "RoleName", "task")
	i.call("DeleteRolePolicy", `{"RoleName":"task","PolicyName":"read"}`)
	i.call("DeleteRole", `{"RoleName":"task"}`)
	i.refused("NoSuchEntity: The role with name task cannot be found.", "Action", "GetRole", "RoleName", "task")
}

func TestWhatOfARoleChanges(t *testing.T) {
	i := open(t, t.TempDir())
	defer i.stop()
	i.call("CreateRole", `{"RoleName":"task","Description":"old","Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}],"AssumeRolePolicyDocument":`+quoted(trust)+`}`)
	i.call("UpdateRole", `{"RoleName":"task","Description":"new","MaxSessionDuration":"4000"}`)
	i.call("UpdateAssumeRolePolicy", `{"RoleName":"task","PolicyDocument":`+quoted(grant)+`}`)
	i.call("TagRole", `{"RoleName":"task","Tags":[{"Key":"a","Value":"3"}]}`)
	i.call("UntagRole", `{"RoleName":"task","TagKeys":["b"]}`)
	role := i.call("GetRole", `{"RoleName":"task"}`)["Role"].(map[string]any)
	got := []any{role["Description"], role["MaxSessionDuration"], role["AssumeRolePolicyDocument"], role["Tags"]}
	if _, text := i.query("Action", "ListRoleTags", "RoleName", "task"); !strings.Contains(text, "<IsTruncated>false</IsTruncated><Tags><member><Key>a</Key><Value>3</Value></member></Tags>") {
		t.Errorf("its tags: %s", text)
	}
	want := []any{"new", 4000.0, grant, []any{map[string]any{"Key": "a", "Value": "3"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIAMRefuses(t *testing.T) {
	i := open(t, t.TempDir())
	defer i.stop()
	i.call("CreateRole", `{"RoleName":"task","AssumeRolePolicyDocument":`+quoted(trust)+`}`)
	i.refused("EntityAlreadyExists: Role with name task already exists.", "Action", "CreateRole", "RoleName", "task", "AssumeRolePolicyDocument", trust)
	i.refused("MalformedPolicyDocument: Syntax errors in policy.", "Action", "CreateRole", "RoleName", "other", "AssumeRolePolicyDocument", "{")
	i.refused("MalformedPolicyDocument: Syntax errors in policy.", "Action", "PutRolePolicy", "RoleName", "task", "PolicyName", "p", "PolicyDocument", "{}")
	i.refused("NoSuchEntity: The role with name none cannot be found.", "Action", "PutRolePolicy", "RoleName", "none", "PolicyName", "p", "PolicyDocument", grant)
	i.refused("NoSuchEntity: The role policy with name none cannot be found.", "Action", "GetRolePolicy", "RoleName", "task", "PolicyName", "none")
	i.refused("InvalidInput: ARN nonsense is not valid.", "Action", "AttachRolePolicy", "RoleName", "task", "PolicyArn", "nonsense")
	i.refused("ValidationError: 1 validation error detected: Value &#39;60&#39; at &#39;maxSessionDuration&#39; failed to satisfy constraint: Member must have value greater than or equal to 3600",
		"Action", "CreateRole", "RoleName", "other", "AssumeRolePolicyDocument", trust, "MaxSessionDuration", "60")
	i.refused("ValidationError: 1 validation error detected: Value &#39;"+strings.Repeat("n", 65)+"&#39; at &#39;roleName&#39; failed to satisfy constraint: Member must have length less than or equal to 64",
		"Action", "CreateRole", "RoleName", strings.Repeat("n", 65), "AssumeRolePolicyDocument", trust)
}

func quoted(text string) string {
	out, _ := json.Marshal(text) // a string is always JSON
	return string(out)
}
