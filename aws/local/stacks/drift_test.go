package stacks_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// detect looks for drift and waits for the end.
func (r *rig) detect() *cloudformation.DescribeStackDriftDetectionStatusOutput {
	r.t.Helper()
	started, err := r.client.DetectStackDrift(r.t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("s")})
	noError(r.t, err)
	for {
		out, err := r.client.DescribeStackDriftDetectionStatus(r.t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: started.StackDriftDetectionId})
		noError(r.t, err)
		if out.DetectionStatus != types.StackDriftDetectionStatusDetectionInProgress {
			return out
		}
	}
}

func TestDriftIsFound(t *testing.T) {
	r := newRig(t)
	r.create(`{"Resources": {
		"A": {"Type": "Fake::Thing", "Properties": {"Value": "1", "Days": "14", "On": "true", "Gone": "x", "Word": "small", "List": [{"a": 1}, "b"]}},
		"B": {"Type": "Fake::Thing", "DependsOn": "A"},
		"C": {"Type": "Fake::Unreadable", "DependsOn": "B"},
		"D": {"Type": "Fake::Thing", "DependsOn": "C"}}}`)
	if out := r.detect(); out.StackDriftStatus != types.StackDriftStatusInSync || *out.DriftedStackResourceCount != 0 {
		t.Errorf("untouched: %s, %d drifted", out.StackDriftStatus, *out.DriftedStackResourceCount)
	}
	r.world.set("s-A-1", "Value", "2")
	r.world.set("s-A-1", "Days", 14.0)
	r.world.set("s-A-1", "On", true)
	r.world.set("s-A-1", "Word", "SMALL")
	r.world.set("s-A-1", "Gone", nil)
	r.world.set("s-A-1", "List", []any{map[string]any{"a": 1.0}, "b", "c"})
	r.world.remove("s-B-2")
	if out := r.detect(); out.StackDriftStatus != types.StackDriftStatusDrifted || *out.DriftedStackResourceCount != 2 {
		t.Errorf("changed: %s, %d drifted", out.StackDriftStatus, *out.DriftedStackResourceCount)
	}
	out, err := r.client.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String("s")})
	noError(t, err)
	got := map[string]types.StackResourceDriftStatus{}
	for _, d := range out.StackResourceDrifts {
		got[*d.LogicalResourceId] = d.StackResourceDriftStatus
	}
	want := map[string]types.StackResourceDriftStatus{"A": types.StackResourceDriftStatusModified, "B": types.StackResourceDriftStatusDeleted, "D": types.StackResourceDriftStatusInSync}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var differences [][]string
	for _, d := range out.StackResourceDrifts[0].PropertyDifferences {
		differences = append(differences, []string{*d.PropertyPath, string(d.DifferenceType), *d.ExpectedValue, *d.ActualValue})
	}
	if diff := cmp.Diff([][]string{{"/Gone", "REMOVE", "x", "null"}, {"/List/2", "ADD", "null", "c"}, {"/Value", "NOT_EQUAL", "1", "2"}, {"/Word", "NOT_EQUAL", "small", "SMALL"}}, differences); diff != "" {
		t.Error(diff)
	}
	if stack := r.settled("s"); stack.DriftInformation.StackDriftStatus != types.StackDriftStatusDrifted {
		t.Errorf("the stack says %s", stack.DriftInformation.StackDriftStatus)
	}
}

func TestDriftThatCannotBeReadFailsTheDetection(t *testing.T) {
	r := newRig(t)
	r.create(one)
	r.world.fail["read A"] = 1
	out := r.detect()
	if out.DetectionStatus != types.StackDriftDetectionStatusDetectionFailed || *out.DetectionStatusReason != "Failed to detect drift on resource [A]: read A was refused. " {
		t.Errorf("got %s: %s", out.DetectionStatus, aws.ToString(out.DetectionStatusReason))
	}
}
