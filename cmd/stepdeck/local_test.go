package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/faults"
)

func TestTheHelpOfLocalNamesWhatIsServed(t *testing.T) {
	o := newWorld(t).run(t, "", "local", "--help")
	exits0(t, o)
	has(t, o.out, "Step Functions", "ECS", "CloudWatch Logs", "CloudFormation", "ECR", "EventBridge", "S3", "SSM", "STS")
}

func TestTheReadmeNamesTheServicesOfFaults(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, err = faults.Parse(strings.NewReader(`[{"kind":"throttle","service":"none"}]`))
	_, served, found := strings.Cut(err.Error(), "served are ")
	if !found {
		t.Fatalf("the error does not tell the services: %v", err)
	}
	has(t, string(readme), "(`"+strings.ReplaceAll(served, ", ", "`, `")+"`)")
}

func TestASearchOfALogThatFindsNothingSaysSo(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		args []string
		told bool
	}{
		{[]string{"--grep", "nowhere"}, true},
		{[]string{"--grep", "nowhere", "-o", "json"}, false},
		{[]string{"--grep", "lost"}, false},
		{[]string{"--attempt", "9"}, false},
	} {
		o := w.run(t, "", append([]string{"logs", "dumps/bad"}, c.args...)...)
		exits0(t, o)
		if told := strings.Contains(o.err, "no line that was read has"); told != c.told {
			t.Errorf("logs %q says:\n%s%s", c.args, o.out, o.err)
		}
	}
}
