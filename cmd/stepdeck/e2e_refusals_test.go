package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

func TestABadStartIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	dir := t.TempDir()
	input := func(text string) string {
		file, err := os.CreateTemp(dir, "input")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return file.Name()
	}
	tests := map[string]struct {
		args []string
		code int
		want []string
	}{
		"no machine":             {[]string{}, exitUsage, []string{"MACHINE is missing"}},
		"an unknown machine":     {[]string{"nowhere"}, exitNotFound, []string{"no machine is named nowhere", "stepdeck --local machines"}},
		"an unknown flag":        {[]string{shippedtest.Machine, "--colour"}, exitUsage, []string{"unknown flag: --colour"}},
		"an unknown parameter":   {[]string{shippedtest.Machine, "--input", input(`{"colour":"red"}`)}, exitUsage, []string{"unknown parameter colour", "it takes args, env, capacity"}},
		"a bad name":             {[]string{shippedtest.Machine, "--name", "a b"}, exitUsage, []string{"name: ' ' is not allowed", "letters, digits"}},
		"a name too long":        {[]string{shippedtest.Machine, "--name", strings.Repeat("n", 81)}, exitUsage, []string{"81 characters", "80"}},
		"input that is not JSON": {[]string{shippedtest.Machine, "--input", input("{\"args\":\n  [1,,2]}")}, exitUsage, []string{"line 2, column 6"}},
		"input that is too long": {[]string{shippedtest.Machine, "--input", input(`{"args":["` + strings.Repeat("x", 262_144) + `"]}`)}, exitUsage, []string{"262157 bytes", "262144", "S3"}},
		"no input":               {[]string{shippedtest.Machine, "--input", input("")}, exitUsage, []string{"it is empty", "{}"}},
		"no input file":          {[]string{shippedtest.Machine, "--input", filepath.Join(dir, "none")}, exitUsage, []string{"no such file"}},
		"overrides too long":     {[]string{shippedtest.Machine, "-e", "BIG=" + strings.Repeat("x", 9000)}, exitUsage, []string{"args and env: about 1", "8192", "S3"}},
		"a variable without =":   {[]string{shippedtest.Machine, "-e", "LONELY"}, exitUsage, []string{`"LONELY" is not NAME=VALUE`}},
		"an unknown capacity":    {[]string{shippedtest.Machine, "--capacity", "gpu"}, exitUsage, []string{`"gpu"`, "spot, fargate"}},
		"a size that is none":    {[]string{shippedtest.Machine, "--memory", "600"}, exitUsage, []string{"600 MiB", "512, 1024"}},
		"a time too short":       {[]string{shippedtest.Machine, "--timeout", "1s"}, exitUsage, []string{"1s", "from 2 to"}},
		"an unknown overlap":     {[]string{shippedtest.Machine, "--overlap", "maybe"}, exitUsage, []string{`"maybe"`, "skip, wait, allow"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, flags := range [][]string{nil, {"--dry-run"}} {
				o := s.run(t, append(append([]string{"start"}, test.args...), flags...)...)
				exitsWith(t, o, test.code)
				has(t, o.err, append(test.want, "next: ")...)
				oneProblem(t, o)
			}
		})
	}
	if o := s.run(t, "runs", shippedtest.Machine, "--output", "json"); o.out != "[]\n" {
		t.Errorf("a refused start has left %s", o.out)
	}
	exits0(t, s.run(t, "start", shippedtest.Machine, "--name", strings.Repeat("n", 80), "--input", input(`{"args":["`+strings.Repeat("x", 4000)+`"]}`)))
}

// oneProblem wants one sentence and the next step, and no output.
func oneProblem(t *testing.T, o outcome) {
	t.Helper()
	if o.out != "" || strings.Count(o.err, "\n") != 2 {
		t.Errorf("it says more than one thing: %s%s", o.out, o.err)
	}
}

// TestAWSOutOfReach sets the environment, so it runs alone.
func TestAWSOutOfReach(t *testing.T) {
	s := newStation(t)
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Setenv(name, none)
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	url := s.server.URL()
	tests := []struct {
		name string
		key  string
		args []string
		code int
		want []string
	}{
		{"no region", "local", nil, exitUsage, []string{"no region is set", "--region"}},
		{"no credentials", "", []string{"--endpoint-url", url, "--region", "us-east-1"}, exitDenied, []string{"no AWS credentials", "--profile"}},
		{"no such profile", "", []string{"--profile", "nobody", "--region", "us-east-1"}, exitUsage, []string{"profile nobody does not exist"}},
		{"the wrong region", "local", []string{"--endpoint-url", url, "--region", "eu-west-1"}, exitDenied, []string{"eu-west-1", "--region"}},
		{"an endpoint that is down", "local", []string{"--endpoint-url", "http://127.0.0.1:1", "--region", "us-east-1"}, exitUnreachable, []string{"http://127.0.0.1:1 cannot be reached", "stepdeck local"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("AWS_ACCESS_KEY_ID", test.key)
			t.Setenv("AWS_SECRET_ACCESS_KEY", test.key)
			var out, err bytes.Buffer
			a := app{state: t.TempDir(), now: time.Now, in: strings.NewReader(""), out: &out, err: &err}
			o := outcome{a.execute(t.Context(), append(test.args, "runs")), "", ""}
			o.out, o.err = out.String(), err.String()
			exitsWith(t, o, test.code)
			has(t, o.err, append(test.want, "next: ")...)
			oneProblem(t, o)
		})
	}
}

func TestFaultsOfAWSBecomeExitCodes(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	tests := map[string]struct {
		code int
		want string
	}{
		"expired":      {exitDenied, "aws sso login"},
		"denied":       {exitDenied, "AWS denied"},
		"server-error": {exitUnreachable, "in trouble"},
		"throttle":     {exitUnreachable, "throttles"},
		"drop":         {exitUnreachable, "cannot be reached"},
	}
	for kind, test := range tests {
		t.Run(kind, func(t *testing.T) {
			s.faults(t, fmt.Sprintf(`[{"kind":%q}]`, kind))
			defer s.faults(t, `[]`)
			o := s.run(t, "machines")
			exitsWith(t, o, test.code)
			has(t, o.err, test.want, "next: ")
			oneProblem(t, o)
		})
	}
}
