package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/access"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestTheREADMEListsWhatEachRoleNeeds(t *testing.T) {
	tuitest.Section(t, "../../README.md", "access", access.Markdown())
}

func TestThePolicyOfARole(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "iam", "operator", "--stack", "dumps", "--account", "123456789012", "--region", "cn-north-1")
	exits0(t, o)
	var document access.Document
	if err := json.Unmarshal([]byte(o.out), &document); err != nil {
		t.Fatalf("%v in %s", err, o.out)
	}
	has(t, o.out, `"Version": "2012-10-17"`, `"states:StartExecution"`, `"arn:aws-cn:states:cn-north-1:123456789012:stateMachine:dumps-*"`)
	if o.err != "" || len(w.requests) != 0 {
		t.Errorf("said %q and made %d calls", o.err, len(w.requests))
	}
	asJSON := w.run(t, "", "iam", "operator", "--stack", "dumps", "--account", "123456789012", "--region", "cn-north-1", "-o", "json")
	is(t, asJSON.out, o.out)
}

func TestAPolicyThatIsTooLongSaysHowToSplitIt(t *testing.T) {
	w := newWorld(t)
	whole := w.run(t, "", "iam", "deployer", "--stack", "dumps")
	exits0(t, whole)
	has(t, whole.err, "6144", "--part 1")
	var all []string
	for part := 1; ; part++ {
		o := w.run(t, "", "iam", "deployer", "--stack", "dumps", "--part", strconv.Itoa(part))
		if o.code != exitDone {
			exitsWith(t, o, exitUsage)
			has(t, o.err, "--part", strconv.Itoa(part)+" is none of the policy's parts")
			break
		}
		var document access.Document
		if err := json.Unmarshal([]byte(o.out), &document); err != nil {
			t.Fatal(err)
		}
		if document.Size() > access.ManagedLimit || o.err != "" {
			t.Errorf("part %d has %d characters, and said %q", part, document.Size(), o.err)
		}
		all = append(all, actions(document)...)
	}
	slices.Sort(all)
	names := w.run(t, "", "iam", "deployer", "--stack", "dumps", "--output", "name")
	is(t, strings.Join(slices.Compact(all), "\n")+"\n", names.out)
}

func TestAPolicyForWhatCannotBeIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"iam"}, []string{"viewer", "operator", "deployer"}},
		{[]string{"iam", "viewr"}, []string{"viewer"}},
		{[]string{"iam", "viewer", "--stack", "my_stack"}, []string{`stack "my_stack"`, "hyphens"}},
		{[]string{"iam", "viewer", "--account", "prod"}, []string{`account "prod"`, "twelve digits"}},
		{[]string{"--region", "Frankfurt", "iam", "viewer"}, []string{`region "Frankfurt"`}},
		{[]string{"iam", "viewer", "--part", "2"}, []string{"--part", "it has 1"}},
	} {
		o := w.run(t, "", c.args...)
		exitsWith(t, o, exitUsage)
		has(t, o.err, c.words...)
	}
}
