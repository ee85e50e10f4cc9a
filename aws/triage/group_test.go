package triage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestNormaliseFoldsWhatDiffersBetweenRuns(t *testing.T) {
	cases := []struct{ a, b, want string }{
		{
			"task arn:aws:ecs:eu-west-1:123456789012:task/jobs/0a1b exited", "task arn:aws:ecs:us-east-1:999999999999:task/x/ffff exited",
			"task <arn:ecs> exited",
		},
		{
			"Lost connection when dumping table `orders` at row: 8123441", "Lost connection when dumping table `orders` at row: 12",
			"Lost connection when dumping table `orders` at row: #",
		},
		{
			`server at "db" (10.0.3.7), port 5432 failed`, `server at "db" (10.200.3.17), port 5433 failed`,
			`server at "db" (<ip>), port # failed`,
		},
		{
			"2026-11-23T02:41:07.123Z could not read /tmp/tmp.a1/dump.sql", "2025-01-01 00:00:00 could not read /var/tmp/b2/x.sql",
			"<time> could not read <path>",
		},
		{
			"request 7d444840-9dc0-11d1-b245-5ffdce74fad2 of 0xdeadbeef", "request 00000000-9dc0-11d1-b245-5ffdce74fad2 of 0x00",
			"request <id> of <hex>",
		},
		{
			"Cluster not found. (Service: AmazonECS; Status Code: 400; Request ID: 1; Proxy: null)", "Cluster not found. (Service: AmazonECS; Status Code: 400; Request ID: 2; Proxy: null)",
			"Cluster not found. (Service: AmazonECS)",
		},
		{
			"subnet 'subnet-0aa1bb2cc3dd4ee5f' is full", "subnet 'subnet-0123456789abcdef0' is full",
			"subnet '<id>' is full",
		},
	}
	for _, c := range cases {
		for _, raw := range []string{c.a, c.b} {
			if got := triage.Normalise(raw).String(); got != c.want {
				t.Errorf("Normalise(%q)\n  %q\nwant\n  %q", raw, got, c.want)
			}
		}
	}
}

func TestNormaliseKeepsDistinctCausesApart(t *testing.T) {
	pairs := [][2]string{
		{"the job ended with exit code 1", "the job ended with exit code 3"},
		{"mysqldump: Error 2013: Lost connection", "mysqldump: Error 2006: Lost connection"},
		{`database "shop" does not exist`, `database "orders" does not exist`},
		{"Unable to find the secret db/password", "Unable to find the secret cache/password"},
		{"iam:PassRole is denied", "ecs:RunTask is denied"},
		{"RESOURCE:CPU", "RESOURCE:MEMORY"},
	}
	for _, p := range pairs {
		if a, b := triage.Normalise(p[0]), triage.Normalise(p[1]); a == b {
			t.Errorf("%q and %q are both %q", p[0], p[1], a)
		}
	}
}

func TestSignatureOfAJSONCauseIsItsTellingLine(t *testing.T) {
	failure := func(row int) workflow.Failure {
		return workflow.Failure{
			State: safe.Line("Run"), Error: safe.Line("ScriptFailed"),
			Cause: safe.Line(fmt.Sprintf(`{"reason":"the job ended with exit code 3","exitCode":3,"seconds":%d.5,"tail":"dumping\nmysqldump: Error 2013: Lost connection to MySQL server at row: %d\nexiting"}`, row, row)),
		}
	}
	a, b := triage.SignatureOf(machineARN, failure(7)), triage.SignatureOf(machineARN, failure(81234))
	if a != b {
		t.Errorf("signatures differ:\n%+v\n%+v", a, b)
	}
	if want := "mysqldump: Error 2013: Lost connection to MySQL server at row: #"; a.Cause.String() != want {
		t.Errorf("cause %q, want %q", a.Cause, want)
	}
	other := failure(7)
	other.State = safe.Line("Verify")
	if triage.SignatureOf(machineARN, other) == a {
		t.Error("another state has the same signature")
	}
}

func TestFailuresOfTheSameCauseShareASignature(t *testing.T) {
	of := func(host string, row int) triage.Signature {
		cause := fmt.Sprintf(`{"reason":"the job ended with exit code 1","exitCode":1,"tail":"connection to server at \"db\" (%s) failed: Connection refused after %d s"}`, host, row)
		return triage.SignatureOf(machineARN, workflow.Failure{Error: safe.Line("ScriptFailed"), Cause: safe.Block(cause)})
	}
	if a, b := of("10.0.0.1", 3), of("10.9.9.9", 71); a != b {
		t.Errorf("signatures differ:\n%+v\n%+v", a, b)
	}
}

func TestGroups(t *testing.T) {
	oom := triage.Signature{Machine: machineARN, State: safe.Line("Run"), Error: safe.Line("OutOfMemory")}
	pull := triage.Signature{Machine: machineARN, State: safe.Line("Run"), Error: safe.Line("TaskFailedToStart")}
	at := func(hour int) time.Time { return start.Add(time.Duration(hour) * time.Hour) }
	groups := triage.Groups([]triage.Failed{
		{"a", at(0), pull}, {"b", at(5), oom}, {"c", at(9), oom}, {"d", at(10), oom},
	}, 5)
	if len(groups) != 2 {
		t.Fatalf("%d groups, want 2", len(groups))
	}
	big, small := groups[0], groups[1]
	if big.Signature != oom || big.Count != 3 || big.Share != 0.75 || !big.First.Equal(at(5)) || !big.Last.Equal(at(10)) {
		t.Errorf("largest group %+v", big)
	}
	if want := []int{0, 0, 1, 0, 2}; !slices.Equal(big.Strip, want) {
		t.Errorf("strip %v, want %v", big.Strip, want)
	}
	if want := []string{"d", "c", "b"}; !slices.Equal(big.Runs, want) {
		t.Errorf("runs %v, want newest first %v", big.Runs, want)
	}
	if small.Count != 1 || !slices.Equal(small.Strip, []int{1, 0, 0, 0, 0}) || small.ID == big.ID {
		t.Errorf("small group %+v", small)
	}
	if got := triage.Groups(nil, 5); got == nil || len(got) != 0 {
		t.Errorf("groups of nothing: %v, want an empty list", got)
	}
}
