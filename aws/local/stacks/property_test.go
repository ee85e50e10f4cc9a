package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// worn are the things that have tags, in every template.
var worn = []string{"A", "C"}

func typeOf(logical string) string {
	if slices.Contains(worn, logical) {
		return "Fake::Worn"
	}
	return "Fake::Thing"
}

// drawTemplate is a template of things that name each other, never in a circle.
func drawTemplate(rt *rapid.T) (text string, needs map[string][]string) {
	needs = map[string][]string{}
	declared := map[string]any{}
	var earlier []string
	for _, logical := range []string{"A", "B", "C", "D", "E"} {
		if rapid.IntRange(0, 3).Draw(rt, "has "+logical) == 0 {
			continue
		}
		properties := map[string]any{"Key": rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "key "+logical)}
		object := map[string]any{"Type": typeOf(logical), "Properties": properties}
		properties["Value"] = rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "value "+logical)
		if len(earlier) > 0 && rapid.Bool().Draw(rt, "names") {
			other := rapid.SampledFrom(earlier).Draw(rt, "other")
			needs[logical] = append(needs[logical], other)
			switch rapid.SampledFrom([]string{"ref", "attribute", "sub", "depends", "key"}).Draw(rt, "how") {
			case "ref":
				properties["Value"] = map[string]any{"Ref": other}
			case "attribute":
				properties["Value"] = map[string]any{"Fn::GetAtt": []any{other, "Arn"}}
			case "sub":
				properties["Value"] = map[string]any{"Fn::Sub": "in ${" + other + "}"}
			case "depends":
				object["DependsOn"] = other
			case "key":
				properties["Key"] = map[string]any{"Ref": other}
			}
		}
		declared[logical] = object
		earlier = append(earlier, logical)
	}
	if len(declared) == 0 {
		declared["A"] = map[string]any{"Type": typeOf("A")}
	}
	raw, err := json.Marshal(map[string]any{"Resources": declared})
	if err != nil {
		rt.Fatal(err)
	}
	return string(raw), needs
}

// history checks that the stack's own account of itself is the world's.
type history struct {
	rt *rapid.T
	r  *rig
	id string
	// tag is the value of the stack's tag, as it was last deployed.
	tag string
	// halfway tells that the operation before stopped where it failed: the next also ends that one.
	halfway bool
}

// live are the physical IDs that the stack has, and those that its events say it left behind.
func (h history) live() []string {
	ids := map[string]bool{}
	out, err := h.r.client.DescribeStackResources(h.r.t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &h.id})
	if err != nil {
		h.rt.Fatal(err)
	}
	for _, resource := range out.StackResources {
		if id := aws.ToString(resource.PhysicalResourceId); id != "" && resource.ResourceStatus != types.ResourceStatusDeleteComplete {
			ids[id] = true
		}
	}
	last := map[string]types.ResourceStatus{}
	pages := cloudformation.NewDescribeStackEventsPaginator(h.r.client, &cloudformation.DescribeStackEventsInput{StackName: &h.id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(h.r.t.Context())
		if err != nil {
			h.rt.Fatal(err)
		}
		for _, e := range page.StackEvents {
			if _, newer := last[*e.PhysicalResourceId]; !newer {
				last[*e.PhysicalResourceId] = e.ResourceStatus
			}
		}
	}
	for id, status := range last {
		if status == types.ResourceStatusDeleteFailed || status == types.ResourceStatusDeleteSkipped {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// isTheWorld checks that what the stack says is there is what is there. An
// update that stopped halfway still has what it replaced.
func (h history) isTheWorld(status string) {
	there, said := h.r.world.ids(), h.live()
	if status == "UPDATE_FAILED" {
		there = slices.DeleteFunc(there, func(id string) bool { return !slices.Contains(said, id) })
	}
	if !slices.Equal(there, said) {
		h.rt.Errorf("%s: there is %v, the stack says %v", status, there, said)
	}
}

// isTagged checks that what can have tags has those of the stack.
func (h history) isTagged() {
	out, err := h.r.client.DescribeStackResources(h.r.t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &h.id})
	if err != nil {
		h.rt.Fatal(err)
	}
	for _, resource := range out.StackResources {
		if !slices.Contains(worn, *resource.LogicalResourceId) || resource.ResourceStatus == types.ResourceStatusDeleteComplete {
			continue
		}
		if got, _ := h.r.tags(*resource.PhysicalResourceId); !slices.Equal(got, []string{"stage=" + h.tag}) {
			h.rt.Errorf("%s has the tags %v, the stack stage=%s", *resource.PhysicalResourceId, got, h.tag)
		}
	}
}

// inOrder checks what was made and deleted in one operation: a dependency is
// made before, and deleted after what needs it.
func (h history) inOrder(order []string, made, removed map[string][]string) {
	at := map[string]int{}
	for i, move := range order {
		at[move[:1]+logicalOf(move)] = i + 1
	}
	for logical, needs := range made {
		for _, need := range needs {
			if at["+"+logical] > 0 && at["+"+need] > at["+"+logical] {
				h.rt.Errorf("%s was made before %s, which it needs: %v", logical, need, order)
			}
		}
	}
	for logical, needs := range removed {
		for _, need := range needs {
			if at["-"+need] > 0 && at["-"+logical] > at["-"+need] {
				h.rt.Errorf("%s was deleted after %s, which it needs: %v", logical, need, order)
			}
		}
	}
}

func TestAStackIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		defer func() { r.close() }()
		template, needs := drawTemplate(rt)
		h := history{rt: rt, r: r}
		// deployed is who needs whom in what is there; nil after an operation that stopped halfway.
		var deployed map[string][]string
		for step := range rapid.IntRange(1, 4).Draw(rt, "operations") {
			r.world.fail = rapid.MapOfN(rapid.SampledFrom([]string{
				"create A", "create B", "create C", "create D", "update A", "update B", "update C", "delete A", "delete B", "delete D",
			}), rapid.Just(1), 0, 3).Draw(rt, "failing")
			r.world.order = nil
			if step > 0 {
				template, needs = drawTemplate(rt)
			}
			status := h.deploy(step, template, rapid.Bool().Draw(rt, "disable rollback"))
			switch status {
			case "CREATE_COMPLETE", "UPDATE_COMPLETE":
				h.inOrder(r.world.order, needs, deployed)
				deployed = needs
			case "ROLLBACK_COMPLETE":
				if step == 0 {
					h.inOrder(r.world.order, needs, needs)
				}
			case "CREATE_FAILED", "UPDATE_FAILED":
				deployed = nil
			}
			h.isTheWorld(status)
			if strings.HasSuffix(status, "_COMPLETE") {
				h.isTagged()
			}
			if !slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"}, status) {
				break
			}
			if rapid.Bool().Draw(rt, "restart") {
				r.restart()
			}
		}
		h.end()
	})
}

// deploy brings the stack to a template by a change set, and checks that what
// came is what it announced.
func (h *history) deploy(step int, template string, disableRollback bool) string {
	ctx := h.r.t.Context()
	kind := types.ChangeSetTypeUpdate
	if step == 0 {
		kind = types.ChangeSetTypeCreate
	}
	tag := rapid.SampledFrom([]string{"test", "live"}).Draw(h.rt, "tag")
	made, err := h.r.client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String(fmt.Sprintf("c%d", step)), ChangeSetType: kind, TemplateBody: &template,
		Tags: tagList("stage", tag),
	})
	if err != nil {
		h.rt.Fatal(err)
	}
	h.id = *made.StackId
	plan, err := h.r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	if err != nil {
		h.rt.Fatal(err)
	}
	if plan.Status == types.ChangeSetStatusFailed {
		if len(plan.Changes) > 0 {
			h.rt.Errorf("a change set without changes has %d", len(plan.Changes))
		}
		return string(h.r.settled(h.id).StackStatus)
	}
	seen := len(h.r.events(h.id))
	_, err = h.r.client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id, DisableRollback: &disableRollback})
	if err != nil {
		h.rt.Fatal(err)
	}
	if rapid.Bool().Draw(h.rt, "restart at once") {
		h.r.restart()
	}
	status := string(h.r.settled(h.id).StackStatus)
	defer func() { h.halfway = strings.HasSuffix(status, "_FAILED") }()
	if status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" {
		h.tag = tag
	}
	if status == "UPDATE_COMPLETE" && !h.halfway || status == "CREATE_COMPLETE" {
		h.asAnnounced(plan.Changes, h.r.since(h.id, seen))
	}
	return status
}

// asAnnounced compares a plan with the events of its execution.
func (h *history) asAnnounced(changes []types.Change, events []string) {
	var want, got []string
	for _, c := range changes {
		change := c.ResourceChange
		line := *change.LogicalResourceId + " " + string(change.Action)
		if change.Replacement != "" && change.Replacement != types.ReplacementFalse {
			line += " replaced"
		}
		want = append(want, line)
	}
	for _, e := range events {
		logical, rest, _ := strings.Cut(e, " ")
		switch {
		case logical == "s":
		case rest == "CREATE_COMPLETE":
			got = append(got, logical+" Add")
		case strings.HasPrefix(rest, "UPDATE_IN_PROGRESS Requested update requires"):
			got = append(got, logical+" Modify replaced")
		case rest == "UPDATE_IN_PROGRESS":
			got = append(got, logical+" Modify")
		case rest == "DELETE_IN_PROGRESS" && !slices.Contains(got, logical+" Modify replaced"):
			got = append(got, logical+" Remove")
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	// What a restart interrupted is begun, and told, once more.
	got = slices.Compact(got)
	if diff := cmp.Diff(want, got); diff != "" {
		h.rt.Errorf("not what was announced: %s", diff)
	}
}

// end deletes the stack: nothing is left but what an update gave up.
func (h *history) end() {
	h.r.world.fail = map[string]int{}
	if _, err := h.r.client.DeleteStack(h.r.t.Context(), &cloudformation.DeleteStackInput{StackName: &h.id}); err != nil {
		h.rt.Fatal(err)
	}
	if got := h.r.settled(h.id); got.StackStatus != types.StackStatusDeleteComplete {
		h.rt.Errorf("the stack is %s", got.StackStatus)
	}
	h.isTheWorld("DELETE_COMPLETE")
}
