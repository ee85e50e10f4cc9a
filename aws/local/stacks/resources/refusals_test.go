package resources_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

func TestPropertiesAreOfTheirShape(t *testing.T) {
	r := newRig(t)
	tests := map[string]struct{ kind, properties, want string }{
		"an unknown one":      {"AWS::S3::Bucket", `{"Foo":1}`, "#: extraneous key [Foo] is not permitted"},
		"a missing one":       {"AWS::IAM::Role", `{}`, "#: required key [AssumeRolePolicyDocument] not found"},
		"an unknown inside":   {"AWS::ECR::Repository", `{"ImageScanningConfiguration":{"OnPush":true}}`, "#/ImageScanningConfiguration: extraneous key [OnPush] is not permitted"},
		"a missing inside":    {"AWS::Events::Rule", `{"Targets":[{"Id":"a"}]}`, "#/Targets/0: required key [Arn] not found"},
		"a text for a number": {"AWS::Logs::LogGroup", `{"RetentionInDays":"many"}`, "#/RetentionInDays: expected type: Number, found: String"},
		"a text for a list":   {"AWS::ECS::TaskDefinition", `{"ContainerDefinitions":[{"Name":"j","Image":"i","Command":"example"}]}`, "#/ContainerDefinitions/0/Command: expected type: JSONArray, found: String"},
		"a list for a text":   {"AWS::S3::Bucket", `{"BucketName":["a"]}`, "#/BucketName: expected type: String, found: JSONArray"},
		"a text for a map":    {"AWS::StepFunctions::StateMachine", `{"RoleArn":"r","TracingConfiguration":"on"}`, "#/TracingConfiguration: expected type: JSONObject, found: String"},
		"no truth":            {"AWS::SQS::Queue", `{"FifoQueue":"yes"}`, "#/FifoQueue: expected type: Boolean, found: String"},
		"no such value":       {"AWS::ECR::Repository", `{"ImageTagMutability":"FIXED"}`, "#/ImageTagMutability: FIXED is not a valid enum value"},
		"two at once":         {"AWS::SQS::QueuePolicy", `{"Queues":["q"],"Foo":1}`, "#: required key [PolicyDocument] not found\n#: extraneous key [Foo] is not permitted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kind := kindOf(t, test.kind)
			_, err := kind.Create(t.Context(), r.env, "Thing", props(t, test.properties))
			if want := "Properties validation failed for resource Thing with message:\n" + test.want; err == nil || err.Error() != want {
				t.Errorf("created: %v\nwant %s", err, want)
			}
			_, err = kind.Update(t.Context(), r.env, "id", resources.Properties{}, props(t, test.properties))
			want := "Model validation failed (" + strings.ReplaceAll(test.want, "\n", "; ") + ")"
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("updated: %v\nwant %s", err, want)
			}
		})
	}
}

func TestWhatHoldsSomethingIsNotDeleted(t *testing.T) {
	r := newRig(t)
	bucket := r.create("AWS::S3::Bucket", "Artifacts", `{}`)
	if !strings.HasPrefix(bucket.ID, "dumps-artifacts-") || strings.ToLower(bucket.ID) != bucket.ID {
		t.Errorf("the bucket is called %s", bucket.ID)
	}
	r.put(bucket.ID, "dump", "x")
	err := kindOf(t, "AWS::S3::Bucket").Delete(t.Context(), r.env, bucket.ID, resources.Properties{})
	r.refused(err, `"The bucket you tried to delete is not empty (Service: S3, Status Code: 409`, "HandlerErrorCode: GeneralServiceException)")

	repository := r.create("AWS::ECR::Repository", "Images", `{"EmptyOnDelete":true}`)
	r.push(repository.ID)
	kind := kindOf(t, "AWS::ECR::Repository")
	r.refused(kind.Delete(t.Context(), r.env, repository.ID, props(t, `{}`)),
		"The repository with name '"+repository.ID+"' in registry with id '123456789012' cannot be deleted because it still contains images (Service: Ecr, Status Code: 400")
	r.ok(kind.Delete(t.Context(), r.env, repository.ID, props(t, `{"EmptyOnDelete":"true"}`)))
}

func TestACreateThatFailsLeavesNothing(t *testing.T) {
	tests := map[string]struct{ fails, kind, properties, service, look, why string }{
		"log group":  {"PutRetentionPolicy", "AWS::Logs::LogGroup", `{"LogGroupName":"/g","RetentionInDays":7}`, "logs", "ListTagsForResource", `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:/g"}`},
		"repository": {"PutLifecyclePolicy", "AWS::ECR::Repository", `{"RepositoryName":"images","LifecyclePolicy":{"LifecyclePolicyText":"{}"}}`, "ecr", "DescribeRepositories", `{"repositoryNames":["images"]}`},
		"role":       {"PutRolePolicy", "AWS::IAM::Role", `{"RoleName":"task","AssumeRolePolicyDocument":` + trust + `,"Policies":[{"PolicyName":"p","PolicyDocument":{}}]}`, "iam", "GetRole", `{"RoleName":"task"}`},
		"rule":       {"PutTargets", "AWS::Events::Rule", `{"Name":"r","EventPattern":{"a":["b"]},"Targets":[{"Id":"t","Arn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","RoleArn":"r"}]}`, "events", "DescribeRule", `{"Name":"r"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.fail[test.fails] = broken()
			_, err := kindOf(t, test.kind).Create(t.Context(), r.env, "Thing", props(t, test.properties))
			r.refused(err, "out of order (Service: ", "Status Code: 503", "HandlerErrorCode: ServiceInternalError)")
			if err := r.env.Invoke(t.Context(), test.service, test.look, json.RawMessage(test.why), nil); err == nil {
				t.Error("it is there")
			}
		})
	}
}

func TestAnUpdateThatFailsLeavesItAsItWas(t *testing.T) {
	for name, test := range map[string]struct{ life, fails string }{
		"role": {"role", "DetachRolePolicy"}, "repository": {"repository", "DeleteLifecyclePolicy"}, "cluster": {"cluster", "UpdateCluster"},
		"rule": {"rule", "RemoveTargets"}, "machine": {"machine", "UntagResource"}, "security group": {"security group", "CreateTags"},
		"log group": {"log group", "UntagResource"},
	} {
		t.Run(name, func(t *testing.T) {
			r, l := newRig(t), lives[test.life]
			made := r.create(l.kind, "Thing", l.properties)
			// What the way back needs works again.
			once := false
			r.failing = func(operation string) error {
				if operation != test.fails || once {
					return nil
				}
				once = true
				return broken()
			}
			_, err := kindOf(t, l.kind).Update(t.Context(), r.env, made.ID, props(t, l.properties), props(t, l.updated))
			r.refused(err, "out of order")
			if diff := r.drift(l.kind, made.ID, l.properties); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADefinitionComesFromS3(t *testing.T) {
	r := newRig(t)
	r.call("s3", "CreateBucket", `{"Bucket":"packages"}`)
	r.put("packages", "json", `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${X}","End":true}}}`)
	r.put("packages", "yaml", "StartAt: A\nStates:\n  A: {Type: Pass, Result: '${X}', End: true}\n")
	r.put("packages", "none", "a: [")
	for _, key := range []string{"json", "yaml"} {
		properties := fmt.Sprintf(`{"StateMachineName":"of-%s","RoleArn":"arn:aws:iam::123456789012:role/w","DefinitionSubstitutions":{"X":"y"},"DefinitionS3Location":{"Bucket":"packages","Key":%q}}`, key, key)
		made := r.create("AWS::StepFunctions::StateMachine", "Thing", properties)
		if diff := r.drift("AWS::StepFunctions::StateMachine", made.ID, properties); diff != "" {
			t.Error(diff)
		}
		var live struct{ Definition string }
		r.ok(r.env.Invoke(t.Context(), "states", "DescribeStateMachine", map[string]any{"stateMachineArn": made.ID}, &live))
		want := resources.Properties{"StartAt": "A", "States": map[string]any{"A": map[string]any{"Type": "Pass", "Result": "y", "End": true}}}
		if diff := cmp.Diff(want, props(t, live.Definition)); diff != "" {
			t.Error(diff)
		}
	}
	for key, want := range map[string]string{
		"none": "The definition s3://packages/none is neither JSON nor YAML", "nothing": "The specified key does not exist. (Service: S3, Status Code: 404",
	} {
		_, err := kindOf(t, "AWS::StepFunctions::StateMachine").Create(t.Context(), r.env, "Thing",
			props(t, fmt.Sprintf(`{"RoleArn":"arn:x","DefinitionS3Location":{"Bucket":"packages","Key":%q}}`, key)))
		r.refused(err, want)
	}
}

func TestWhatReplacesATaskDefinition(t *testing.T) {
	replaces := kindOf(t, "AWS::ECS::TaskDefinition").Replaces
	text := strings.Join(replaces, " ")
	for _, name := range []string{"ContainerDefinitions", "Cpu", "Family", "TaskRoleArn", "EphemeralStorage"} {
		if !strings.Contains(text, name) {
			t.Errorf("%s does not replace it", name)
		}
	}
	if strings.Contains(text, "Tags") {
		t.Error("tags replace it")
	}
	r := newRig(t)
	first := r.create("AWS::ECS::TaskDefinition", "Job", lives["task definition"].properties)
	second := r.create("AWS::ECS::TaskDefinition", "Job", lives["task definition"].properties)
	if first.ID != strings.TrimSuffix(second.ID, "2")+"1" {
		t.Errorf("revisions %s and %s", first.ID, second.ID)
	}
}

func TestNamesFitAndDiffer(t *testing.T) {
	r := newRig(t)
	kinds := map[string]struct {
		properties string
		longest    int
	}{
		"AWS::S3::Bucket": {`{}`, 63}, "AWS::IAM::Role": {`{"AssumeRolePolicyDocument":` + trust + `}`, 64}, "AWS::ECS::Cluster": {`{}`, 255},
		"AWS::Logs::LogGroup": {`{}`, 512}, "AWS::Events::Rule": {`{"EventPattern":{"a":["b"]}}`, 64}, "AWS::ECR::Repository": {`{}`, 256},
	}
	rapid.Check(t, func(rt *rapid.T) {
		r.env.StackName = rapid.StringMatching(`[a-z][a-zA-Z0-9]{0,60}`).Draw(rt, "stack")
		logical := rapid.StringMatching(`[A-Z][a-zA-Z0-9]{0,60}`).Draw(rt, "logical")
		for kind, is := range kinds {
			one, err := kindOf(t, kind).Create(r.Context(), r.env, logical, props(t, is.properties))
			other, errOther := kindOf(t, kind).Create(r.Context(), r.env, logical, props(t, is.properties))
			if err := errors.Join(err, errOther); err != nil || one.ID == other.ID || len(one.ID) > is.longest {
				rt.Errorf("%s: %s and %s, %v", kind, one.ID, other.ID, err)
			}
		}
	})
}

// TestWhatAWSWritesOtherwiseIsNoDrift turns values into what services make of
// them: texts of scalars, further members, lists in another order.
func TestWhatAWSWritesOtherwiseIsNoDrift(t *testing.T) {
	r := newRig(t)
	const kind = "AWS::SQS::QueuePolicy"
	rapid.Check(t, func(rt *rapid.T) {
		document := drawValue(rt, 3)
		made, err := kindOf(t, kind).Create(r.Context(), r.env, "Thing", resources.Properties{"Queues": []any{"q"}, "PolicyDocument": document})
		r.ok(err)
		r.ok(r.records.Put(kind, made.ID, map[string]any{"Queues": []any{"q"}, "PolicyDocument": disguise(rt, document)}))
		live, err := kindOf(t, kind).Read(r.Context(), r.env, made.ID, resources.Properties{"PolicyDocument": document})
		r.ok(err)
		if diff := cmp.Diff(resources.Properties{"PolicyDocument": document}, live); diff != "" {
			rt.Error(diff)
		}
	})
}

func drawValue(rt *rapid.T, depth int) any {
	sort := rapid.IntRange(0, 4).Draw(rt, "sort")
	if depth == 0 {
		sort %= 3
	}
	switch sort {
	case 0:
		return rapid.StringMatching(`[a-z]{0,3}`).Draw(rt, "text")
	case 1:
		return float64(rapid.IntRange(-9, 9).Draw(rt, "number"))
	case 2:
		return rapid.Bool().Draw(rt, "truth")
	case 3:
		members := map[string]any{}
		for i := range rapid.IntRange(0, 3).Draw(rt, "members") {
			members[fmt.Sprint("m", i)] = drawValue(rt, depth-1)
		}
		return members
	default:
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "items") {
			items = append(items, rapid.StringMatching(`[a-z]{0,3}`).Draw(rt, "item"))
		}
		return items
	}
}

func disguise(rt *rapid.T, value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{"added": "by the service"}
		for name, inner := range value {
			out[name] = disguise(rt, inner)
		}
		return out
	case []any:
		if len(value) == 0 {
			return value
		}
		return rapid.Permutation(value).Draw(rt, "order")
	case float64, bool:
		return fmt.Sprint(value)
	default:
		return value
	}
}
