package sam_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/stacks/sam"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/infra"
)

func read(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// machine is a template with one machine of the properties.
func machine(properties string) string {
	return `{"Transform":"AWS::Serverless-2016-10-31","Resources":{"W":{"Type":"AWS::Serverless::StateMachine","Properties":` + properties + `}}}`
}

func TestAMachineIsExpanded(t *testing.T) {
	got, err := sam.Expand(read(t, `{"Transform":"AWS::Serverless-2016-10-31","Outputs":{"O":{"Value":{"Ref":"W"}}},"Resources":{
		"R":{"Type":"AWS::IAM::Role"},
		"W":{"Type":"AWS::Serverless::StateMachine","DependsOn":"R","DeletionPolicy":"Retain","Condition":"C","Metadata":{"a":1},"Properties":{
			"Name":{"Fn::Sub":"${AWS::StackName}-x"},"Type":"STANDARD","Role":{"Fn::GetAtt":["R","Arn"]},
			"Definition":{"TimeoutSeconds":{"Ref":"T"},"States":{"A":{"Result":[{"Ref":"T"},"${Foo}","{{resolve:ssm:x}}"]}},"Comment":"<é😀>"},
			"DefinitionSubstitutions":{"Foo":"bar"},"Logging":{"Level":"ALL"},"Tracing":{"Enabled":true},"Tags":{"b":"c","a":{"Ref":"T"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := read(t, `{"Outputs":{"O":{"Value":{"Ref":"W"}}},"Resources":{
		"R":{"Type":"AWS::IAM::Role"},
		"W":{"Type":"AWS::StepFunctions::StateMachine","DependsOn":"R","DeletionPolicy":"Retain","Condition":"C","Metadata":{"a":1},"Properties":{
			"StateMachineName":{"Fn::Sub":"${AWS::StackName}-x"},"StateMachineType":"STANDARD","RoleArn":{"Fn::GetAtt":["R","Arn"]},
			"DefinitionString":{"Fn::Join":["\n",["{","    \"Comment\": \"<\\u00e9\\ud83d\\ude00>\",","    \"States\": {","        \"A\": {",
				"            \"Result\": [","                \"${definition_substitution_1}\",","                \"${Foo}\",",
				"                \"${definition_substitution_2}\"","            ]","        }","    },","    \"TimeoutSeconds\": \"${definition_substitution_3}\"","}"]]},
			"DefinitionSubstitutions":{"Foo":"bar","definition_substitution_1":{"Ref":"T"},"definition_substitution_2":"{{resolve:ssm:x}}","definition_substitution_3":{"Ref":"T"}},
			"LoggingConfiguration":{"Level":"ALL"},"TracingConfiguration":{"Enabled":true},
			"Tags":[{"Key":"stateMachine:createdBy","Value":"SAM"},{"Key":"a","Value":{"Ref":"T"}},{"Key":"b","Value":"c"}]}}}}`)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestADefinitionInS3StaysThere(t *testing.T) {
	for uri, want := range map[string]string{
		`"s3://bucket/key/x"`:                      `{"Bucket":"bucket","Key":"key/x"}`,
		`"s3://bucket/key?versionId=7"`:            `{"Bucket":"bucket","Key":"key","Version":"7"}`,
		`{"Bucket":"b","Key":"k"}`:                 `{"Bucket":"b","Key":"k"}`,
		`{"Bucket":"b","Key":"k","Version":"v"}`:   `{"Bucket":"b","Key":"k","Version":"v"}`,
		`{"Bucket":{"Ref":"B"},"Key":{"Ref":"K"}}`: `{"Bucket":{"Ref":"B"},"Key":{"Ref":"K"}}`,
	} {
		got, err := sam.Expand(read(t, machine(`{"Role":"x","DefinitionUri":`+uri+`}`)))
		if err != nil {
			t.Fatal(err)
		}
		properties := got["Resources"].(map[string]any)["W"].(map[string]any)["Properties"].(map[string]any)
		if diff := gocmp.Diff(read(t, want), properties["DefinitionS3Location"]); diff != "" {
			t.Errorf("%s: %s", uri, diff)
		}
	}
}

// asSAM are refusals that SAM has, asLocal those of local AWS alone.
var (
	asSAM = map[string]string{
		`{"Role":"x"}`: "Either 'Definition' or 'DefinitionUri' property must be specified.",
		`{"Role":"x","Definition":{"a":1},"DefinitionUri":"s3://a/b"}`:      "Specify either 'Definition' or 'DefinitionUri' property and not both.",
		`{"Role":"x","DefinitionUri":"run.asl.yaml"}`:                       "'DefinitionUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.",
		`{"Role":"x","DefinitionUri":"s3://bucket"}`:                        "'DefinitionUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.",
		`{"Role":"x","DefinitionUri":{"Bucket":"b"}}`:                       "'DefinitionUri' requires Bucket and Key properties to be specified.",
		`{"Role":"x","Definition":{"a":1},"Foo":1}`:                         "property Foo not defined for resource of type AWS::Serverless::StateMachine",
		`{"Role":"x","Definition":"text"}`:                                  "Property 'Definition' should be a map.",
		`{"Role":"x","Definition":{"a":1},"Tags":[{"Key":"a"}]}`:            "Property 'Tags' should be a map.",
		`{"Role":"x","Definition":{"a":1},"Logging":"x"}`:                   "Property 'Logging' should be a map.",
		`{"Role":"x","Definition":{"a":1},"DefinitionSubstitutions":["a"]}`: "Property 'DefinitionSubstitutions' should be a map.",
		`{"Role":"x","Definition":{"a":1},"Name":5}`:                        "Property 'Name' should be a string.",
		`{"Role":"x","Definition":{"a":1},"Policies":["a"]}`:                "Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them",
	}
	asLocal = map[string]string{
		`{"Definition":{"a":1}}`: "Local AWS makes no role for a state machine: give it the property 'Role'.",
		`{"Role":"x","Definition":{"a":1},"AutoPublishAlias":"live"}`:   "Local AWS does not expand the property 'AutoPublishAlias': make what it stands for a resource of its own.",
		`{"Role":"x","Definition":{"a":1},"Events":{"E":{"Type":"S"}}}`: "Local AWS does not expand the property 'Events': make what it stands for a resource of its own.",
	}
)

const front = "Invalid Serverless Application Specification document. Number of errors found: 1. "

func TestWhatIsRefused(t *testing.T) {
	for _, refusals := range []map[string]string{asSAM, asLocal} {
		for properties, want := range refusals {
			_, err := sam.Expand(read(t, machine(properties)))
			if want = front + "Resource with id [W] is invalid. " + want; err == nil || err.Error() != want {
				t.Errorf("%s: %v\nwant %s", properties, err, want)
			}
		}
	}
	for text, want := range map[string]string{
		`{"Globals":{"StateMachine":{}},"Resources":{}}`:           front + "'Globals' section is invalid. Local AWS has no Globals: give the properties to each resource.",
		`{"Resources":{"F":{"Type":"AWS::Serverless::Function"}}}`: front + "Resource with id [F] is invalid. Local AWS expands AWS::Serverless::StateMachine alone, not AWS::Serverless::Function.",
		`{"Resources":{"A":{"Type":"AWS::Serverless::StateMachine"},"B":{"Type":"AWS::Serverless::Api"}}}`: "Invalid Serverless Application Specification document. Number of errors found: 2. " +
			"Resource with id [A] is invalid. Either 'Definition' or 'DefinitionUri' property must be specified. Resource with id [B] is invalid. Local AWS expands AWS::Serverless::StateMachine alone, not AWS::Serverless::Api.",
	} {
		if _, err := sam.Expand(read(t, text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

// translate is what the translator of SAM does with each template, where it is installed.
func translate(t *testing.T, templates []string) []map[string]any {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import samtranslator").Run() != nil {
		t.Skip("the SAM translator is not installed")
	}
	encoded, err := json.Marshal(templates)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), python, "testdata/translate.py")
	run.Stdin, run.Env = bytes.NewReader(encoded), append(os.Environ(), "AWS_DEFAULT_REGION=us-east-1")
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var translated []map[string]any
	if err := json.Unmarshal(out, &translated); err != nil {
		t.Fatal(err)
	}
	return translated
}

// shipped is the project's own template with its definitions inlined, as it is deployed.
func shipped(t *testing.T) string {
	t.Helper()
	source, err := infra.Template()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Parse(infra.TemplateName, source)
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Inline(infra.File); err != nil {
		t.Fatal(err)
	}
	text, err := parsed.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSAMGivesTheSame(t *testing.T) {
	templates := []string{
		shipped(t),
		machine(`{"Role":"x","DefinitionUri":"s3://bucket/key/x?versionId=7"}`),
		machine(`{"Role":{"Ref":"R"},"DefinitionUri":{"Bucket":"b","Key":"k"},"Tags":{"a":"b"}}`),
		machine(`{"Role":"x","Definition":{"b":[{"Fn::GetAtt":["R","Arn"]},{"a":{"Ref":"T"},"é":"😀\u007f\u0001<&>\"\\"}],"a":{"Ref":"T"},"c":{},"d":[],"e":null,"f":true,"g":12,"h":1.5}}`),
	}
	var names []string
	for properties := range asSAM {
		names = append(names, properties)
	}
	slices.Sort(names)
	for _, properties := range names {
		templates = append(templates, machine(properties))
	}
	for i, theirs := range translate(t, templates) {
		ours, err := sam.Expand(read(t, templates[i]))
		if err != nil {
			ours = map[string]any{"error": err.Error()}
		}
		sortTags(ours)
		sortTags(theirs)
		if diff := gocmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%.200s: %s", templates[i], diff)
		}
	}
}

// sortTags orders the tags of machines by key: a map has no order here.
func sortTags(template map[string]any) {
	resources, _ := template["Resources"].(map[string]any)
	for _, one := range resources {
		properties, _ := one.(map[string]any)["Properties"].(map[string]any)
		tags, _ := properties["Tags"].([]any)
		slices.SortFunc(tags, func(a, b any) int {
			return cmp.Compare(a.(map[string]any)["Key"].(string), b.(map[string]any)["Key"].(string))
		})
	}
}
