package client_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// imagesAt returns the ports of the image on a server that gives the answers.
func imagesAt(t *testing.T, answers map[string]string) (image.Ports, *fakeAWS) {
	t.Helper()
	s, f := opened(t, answers)
	return client.Image(s), f
}

func TestALoginIsTakenApart(t *testing.T) {
	token := base64.StdEncoding.EncodeToString([]byte("AWS:pass:word"))
	ports, _ := imagesAt(t, map[string]string{
		"GetAuthorizationToken": `{"authorizationData":[{"authorizationToken":"` + token + `","expiresAt":1764000000,"proxyEndpoint":"https://1.dkr.ecr.r.amazonaws.com"}]}`,
	})
	got, err := ports.Registry.Login(t.Context())
	if want := (image.Login{Endpoint: "https://1.dkr.ecr.r.amazonaws.com", User: "AWS", Password: "pass:word"}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, answer := range map[string]string{"none": `{"authorizationData":[]}`, "not base64": `{"authorizationData":[{"authorizationToken":"%"}]}`} {
		ports, _ := imagesAt(t, map[string]string{"GetAuthorizationToken": answer})
		if _, err := ports.Registry.Login(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestARepositoryIsThereOrNamed(t *testing.T) {
	ports, _ := imagesAt(t, map[string]string{
		"DescribeRepositories": `{"repositories":[{"repositoryArn":"a","repositoryName":"dumps","repositoryUri":"u","imageTagMutability":"IMMUTABLE"}]}`,
	})
	got, err := ports.Registry.Repository(t.Context(), "dumps")
	if want := (image.Repository{ARN: "a", Name: "dumps", URI: "u", Immutable: true}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	absent := `{"__type":"RepositoryNotFoundException","message":"The repository with name 'dumps' does not exist"}`
	ports, _ = imagesAt(t, map[string]string{"DescribeRepositories": absent, "DescribeImages": absent})
	_, err = ports.Registry.Repository(t.Context(), "dumps")
	_, other := ports.Registry.Images(t.Context(), "dumps")
	for _, err := range []error{err, other} {
		if ops.KindOf(err) != ops.NotFound || !strings.Contains(err.Error(), "there is no repository dumps in us-east-1") || !strings.Contains(err.Error(), "stepdeck stack deploy") {
			t.Errorf("got %v", err)
		}
	}
}

func TestImagesComeNewestFirst(t *testing.T) {
	ports, f := imagesAt(t, map[string]string{"DescribeImages": `{"imageDetails":[
		{"imageDigest":"sha256:old","imageTags":["b","a"],"imageSizeInBytes":7,"imagePushedAt":1000},
		{"imageDigest":"sha256:new","imageSizeInBytes":8,"imagePushedAt":2000}]}`})
	got, err := ports.Registry.Images(t.Context(), "dumps")
	if err != nil {
		t.Fatal(err)
	}
	want := []image.Stored{
		{Digest: "sha256:new", Bytes: 8, Pushed: time.Unix(2000, 0).UTC()},
		{Digest: "sha256:old", Tags: []string{"a", "b"}, Bytes: 7, Pushed: time.Unix(1000, 0).UTC()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f.asked("DescribeImages")["repositoryName"] != "dumps" {
		t.Errorf("asked %v", f.asked("DescribeImages"))
	}
}

func TestFindings(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		want   image.Findings
	}{
		"found": {
			`{"imageScanStatus":{"status":"COMPLETE","description":"done"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":2,"LOW":1}}}`,
			image.Findings{Status: "COMPLETE", Reason: safe.Line("done"), Counts: map[string]int{"HIGH": 2, "LOW": 1}},
		},
		"failed":       {`{"imageScanStatus":{"status":"FAILED"}}`, image.Findings{Status: "FAILED", Counts: map[string]int{}}},
		"never looked": {`{"__type":"ScanNotFoundException","message":"Image scan does not exist"}`, image.Findings{}},
	} {
		t.Run(name, func(t *testing.T) {
			ports, _ := imagesAt(t, map[string]string{"DescribeImageScanFindings": test.answer})
			got, err := ports.Registry.Findings(t.Context(), "dumps", "sha256:x")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b safe.Text) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheRevisionsThatTasksCanStartFrom(t *testing.T) {
	ports, f := imagesAt(t, map[string]string{
		"ListTaskDefinitions":    `{"taskDefinitionArns":["arn:2","arn:1"]}`,
		"DescribeTaskDefinition": `{"taskDefinition":{"containerDefinitions":[{"name":"job","image":"i@sha256:1"},{"name":"side","image":"s:1"}]}}`,
	})
	got, err := ports.Definitions.Active(t.Context(), "dumps-task")
	if err != nil {
		t.Fatal(err)
	}
	images := []string{"i@sha256:1", "s:1"}
	if diff := cmp.Diff([]image.Revision{{ARN: "arn:2", Images: images}, {ARN: "arn:1", Images: images}}, got); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{"familyPrefix": "dumps-task", "status": "ACTIVE", "sort": "DESC"}
	if diff := cmp.Diff(want, f.asked("ListTaskDefinitions")); diff != "" {
		t.Error(diff)
	}
}
