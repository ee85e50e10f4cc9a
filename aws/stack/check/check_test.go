package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/stack/check"
	"github.com/stepdeck/stepdeck/infra"
)

// definitions are the fixtures' state machines by the template that names them.
var definitions = map[string][]string{"defects.yaml": {"series.asl.yaml", "sweep.asl.yaml"}, "bucket.yaml": nil, "broken.yaml": nil}

func fixture(uri string) ([]byte, error) { return os.ReadFile(filepath.Join("testdata", uri)) }

// examine reads and checks a template.
func examine(name string, source []byte, read func(string) ([]byte, error)) []check.Finding {
	t, findings := check.Read(name, source, read)
	if t == nil {
		return findings
	}
	return check.Check(t)
}

// marks are the "# ! rule" of a fixture, as "file:line rule".
func marks(t *testing.T, file string) []string {
	t.Helper()
	source, err := fixture(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for i, line := range strings.Split(string(source), "\n") {
		if _, rules, ok := strings.Cut(line, " # ! "); ok {
			for rule := range strings.FieldsSeq(rules) {
				found = append(found, fmt.Sprintf("%s:%d %s", file, i+1, rule))
			}
		}
	}
	return found
}

func places(findings []check.Finding) []string {
	var found []string
	for _, f := range findings {
		found = append(found, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Rule))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEachRuleSpeaksAtItsLineAndNowhereElse(t *testing.T) {
	for file, machines := range definitions {
		want := marks(t, file)
		for _, machine := range machines {
			want = append(want, marks(t, machine)...)
		}
		slices.Sort(want)
		source, err := fixture(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, places(examine(file, source, fixture))); diff != "" {
			t.Errorf("%s: marked (-) and found (+):\n%s", file, diff)
		}
	}
}

func TestEachRuleHasADefectInTheFixtures(t *testing.T) {
	marked := map[string]bool{}
	for file, machines := range definitions {
		for _, f := range append(machines, file) {
			for _, mark := range marks(t, f) {
				marked[strings.Fields(mark)[1]] = true
			}
		}
	}
	for _, rule := range append(check.Rules(), "syntax") {
		if !marked[rule] {
			t.Errorf("no fixture has the defect %s", rule)
		}
	}
}

func TestASentenceSaysWhatToDo(t *testing.T) {
	source, err := fixture("defects.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range examine("defects.yaml", source, fixture) {
		if !strings.Contains(f.Sentence, "; ") || strings.HasSuffix(f.Sentence, ".") {
			t.Errorf("%s: a sentence is a defect, a semicolon and the way out, without an end", f)
		}
	}
}

func source(t *testing.T) string {
	t.Helper()
	text, err := infra.Template()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheShippedStackHasNoDefects(t *testing.T) {
	for _, f := range examine(infra.TemplateName, []byte(source(t)), infra.File) {
		t.Error(f)
	}
}

// One edit of the shipped stack brings back one defect.
func TestADefectOfTheShippedStackIsFound(t *testing.T) {
	for _, c := range []struct{ rule, old, replacement string }{
		{"report-denied", "Resource: !Ref Workflow\n\n  TaskDefinition", "Resource: !Ref Reaper\n\n  TaskDefinition"},
		{"report-denied", ", states:SendTaskHeartbeat]", "]"},
		{"report-unbound", "Resource: !Ref Workflow\n\n  TaskDefinition", "Resource: !Sub '${Workflow}*'\n\n  TaskDefinition"},
		{"pull-denied", "ecr:GetAuthorizationToken", "ecr:DescribeImages"},
		{"pull-denied", "Resource: !GetAtt Repository.Arn", "Resource: !Sub '${Repository.Arn}/*'"},
		{"secret-denied", ":parameter${DatabasePasswordParameter}\n                    - ", ":parameter/other\n                    - "},
		{"result-denied", "s3:PutObject, ", ""},
		{"result-denied", "Resource: !Sub '${Artifacts.Arn}/*'", "Resource: !Sub '${Artifacts.Arn}/inputs/*'"},
		{"log-denied", "logs:CreateLogStream, ", ""},
		{"call-denied", "Action: ecs:StopTask", "Action: ecs:DescribeTasks"},
		{"call-denied", "Action: states:GetExecutionHistory", "Action: states:DescribeExecution"},
		{"call-denied", "Resource: [!GetAtt ExecutionRole.Arn, !GetAtt TaskRole.Arn]", "Resource: !GetAtt TaskRole.Arn"},
		{"call-denied", "Action: states:SendTaskFailure", "Action: states:SendTaskSuccess"},
		{"revision-denied", "task-definition/${AWS::StackName}-task:*", "task-definition/${AWS::StackName}-task:1"},
		{"revision-inactive", "    UpdateReplacePolicy: Retain\n    Properties:\n      Family", "    Properties:\n      Family"},
		{"container-name", "        - Name: job", "        - Name: dump"},
		{"container-name", "ContainerName: job", "ContainerName: jobs"},
		{"substitution-undefined", "        ContainerName: job\n", ""},
		{"substitution-unused", "        ContainerName: job\n", "        ContainerName: job\n        Spare: x\n"},
		{"pass-role-open", "iam:PassedToService: ecs-tasks.amazonaws.com", "aws:RequestedRegion: eu-west-1"},
		{"image-tag", "@sha256:[0-9a-f]{64})?'", ":[a-z]+)?'"},
		{"spot-only", "[FARGATE, FARGATE_SPOT]", "[FARGATE_SPOT]"},
		{"token-unanswered", "lastStatus: [STOPPED]", "lastStatus: [RUNNING]"},
		{"alarm-missing", "MetricName: ExecutionsFailed, Dimensions: [{Name: StateMachineArn, Value: !Ref Workflow}]", "MetricName: ExecutionsStarted, Dimensions: [{Name: StateMachineArn, Value: !Ref Workflow}]"},
		{"token-logged", "IncludeExecutionData: false", "IncludeExecutionData: true"},
		{"root-user", "          User: '65532'\n", ""},
		{"trust-open", "StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}", "StringEquals: {aws:PrincipalType: Service}"},
		{"reference-unknown", "Resource: !GetAtt TaskLogs.Arn", "Resource: !GetAtt TaskLog.Arn"},
	} {
		edited := strings.Replace(source(t), c.old, c.replacement, 1)
		if edited == source(t) {
			t.Errorf("%s: the template has no %q", c.rule, c.old)
			continue
		}
		if found := examine(infra.TemplateName, []byte(edited), infra.File); !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%q instead of %q: found %v, want %s", c.replacement, c.old, places(found), c.rule)
		}
	}
}

func TestADefinitionThatCannotBeReadIsNamed(t *testing.T) {
	found := examine("a.yaml", []byte("Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: gone.asl.yaml\n"), fixture)
	if len(found) != 1 || found[0].Line != 5 || !strings.Contains(found[0].Sentence, "gone.asl.yaml") {
		t.Errorf("found %v, want line 5 and the name", found)
	}
}

// Whatever can be read can be checked, and is found wanting at places that exist.
func FuzzCheck(f *testing.F) {
	for file := range definitions {
		text, err := fixture(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${A.Arn}${A.Arn}'}}}")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, found := range examine("fuzz.yaml", []byte(text), fixture) {
			if found.File == "fuzz.yaml" && (found.Line < 1 || found.Line > lines) {
				t.Errorf("%s: the file has %d lines", found, lines)
			}
		}
	})
}
