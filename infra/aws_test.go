package infra_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// AWS: arithmetic on time series gives no point where one of them has none, and
// a machine has points only for times at which runs ended.
func TestAnAlarmOfSeveralMetricsMissesNone(t *testing.T) {
	stack, _ := deployed(t, full)
	sums := 0
	for _, r := range stack.Resources() {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		queries := template.Items(template.Field(r.Properties, "Metrics"))
		expression := ""
		for _, q := range queries {
			expression += template.Text(template.Field(q, "Expression"))
		}
		for _, q := range queries {
			id := template.Text(template.Field(q, "Id"))
			if template.Field(q, "MetricStat") == nil {
				sums++
				continue
			}
			if !strings.Contains(expression, "FILL("+id+", 0)") {
				t.Errorf("%s: where %s has no point, %q has none", r.Name, id, expression)
			}
		}
	}
	if sums == 0 {
		t.Error("no alarm has an expression")
	}
}

func TestAFailedCreationLeavesNoNamesTaken(t *testing.T) {
	stack, _ := deployed(t, full)
	for _, name := range []string{"Repository", "Artifacts"} {
		r, _ := stack.Resource(name)
		if got := template.Text(template.Field(r.Node, "DeletionPolicy")); got != "RetainExceptOnCreate" {
			t.Errorf("%s: DeletionPolicy is %q: it outlives a deployment that failed, and its name stops the next", name, got)
		}
	}
}

func TestNoScheduleFiresBeforeThereIsAnImage(t *testing.T) {
	for image, want := range map[string]string{"": "DISABLED", "r@sha256:" + strings.Repeat("0", 64): "ENABLED"} {
		stack, expander := deployed(t, expand.World{Parameters: map[string]string{"ScheduleExpression": sampleRun, "ImageUri": image}})
		schedule, _ := stack.Resource("Schedule")
		if got := expander.Text(template.Field(schedule.Properties, "State")); got != want {
			t.Errorf("with the image %q the schedule is %q, want %s", image, got, want)
		}
	}
}
