package client_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// queryAWS answers the Query protocol: the inside of an action's result, or an error as "CODE: message".
type queryAWS struct {
	mu      sync.Mutex
	answers map[string][]string // by action, one after the other; the last one stays
	asked   []url.Values
}

func (q *queryAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	if action == "GetCallerIdentity" {
		_, _ = io.WriteString(w, callerIdentity)
		return
	}
	q.mu.Lock()
	q.asked = append(q.asked, form)
	answer := "InvalidAction: Could not find operation " + action
	if all := q.answers[action]; len(all) > 0 {
		answer = all[0]
		if len(all) > 1 {
			q.answers[action] = all[1:]
		}
	}
	q.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	switch code, message, failed := strings.Cut(answer, ": "); {
	case failed && !strings.Contains(code, "<"):
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "<ErrorResponse><Error><Type>Sender</Type><Code>"+code+"</Code><Message>"+message+"</Message></Error></ErrorResponse>")
	case form.Get("Version") == "2016-11-15":
		_, _ = io.WriteString(w, "<"+action+"Response>"+answer+"</"+action+"Response>")
	default:
		_, _ = io.WriteString(w, "<"+action+"Response><"+action+"Result>"+answer+"</"+action+"Result></"+action+"Response>")
	}
}

func (q *queryAWS) sent(action string) []url.Values {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []url.Values
	for _, form := range q.asked {
		if form.Get("Action") == action {
			out = append(out, form)
		}
	}
	return out
}

func stackPorts(t *testing.T, answers map[string][]string) (stack.Ports, *queryAWS) {
	t.Helper()
	q := &queryAWS{answers: answers}
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	s, err := session.Open(t.Context(), session.Options{
		Local: true, Endpoint: server.URL, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Stack(s), q
}

func TestAStackThatIsNotThereSaysHowToMakeIt(t *testing.T) {
	ports, _ := stackPorts(t, map[string][]string{"DescribeStacks": {"ValidationError: Stack with id shop does not exist"}})
	_, err := ports.Stacks.DescribeStack(t.Context(), "shop")
	if ops.KindOf(err) != ops.NotFound || !strings.Contains(err.Error(), "there is no stack shop in us-east-1") || !strings.Contains(err.Error(), "stepdeck stack deploy --stack shop") {
		t.Errorf("got %v", err)
	}
}

func TestAStackIsReadWhole(t *testing.T) {
	ports, _ := stackPorts(t, map[string][]string{"DescribeStacks": {`<Stacks><member><StackId>arn</StackId><StackName>dumps</StackName>
		<StackStatus>UPDATE_COMPLETE</StackStatus><StackStatusReason>a&#x202E;b</StackStatusReason><CreationTime>2026-11-23T12:00:00Z</CreationTime>
		<EnableTerminationProtection>true</EnableTerminationProtection><DriftInformation><StackDriftStatus>IN_SYNC</StackDriftStatus></DriftInformation>
		<Outputs><member><OutputKey>ClusterName</OutputKey><OutputValue>dumps</OutputValue></member></Outputs>
		<Parameters><member><ParameterKey>TaskCpu</ParameterKey><ParameterValue>256</ParameterValue></member></Parameters>
		<Tags><member><Key>stepdeck:stack</Key><Value>dumps</Value></member></Tags></member></Stacks>`}})
	got, err := ports.Stacks.DescribeStack(t.Context(), "dumps")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, stack.Stack{
		ID: "arn", Name: "dumps", Status: stack.UpdateComplete, Reason: safe.Line("a\u202eb"), Created: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Protected: true, Drift: stack.InSync, Tags: map[string]string{"stepdeck:stack": "dumps"},
		Outputs: []stack.Output{{Name: "ClusterName", Value: safe.Line("dumps")}}, Parameters: []stack.Pair{{Name: "TaskCpu", Value: safe.Line("256")}},
	})
}

func TestAChangeSetIsSentAsAsked(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{"CreateChangeSet": {"<Id>set</Id><StackId>stack</StackId>"}})
	made, err := ports.Stacks.CreateChangeSet(t.Context(), stack.ChangeSetRequest{
		Stack: "dumps", Name: "stepdeck-1", Create: true, Adopt: true, Template: []byte("{}"), Tags: map[string]string{"stepdeck:stack": "dumps"},
		Parameters: []stack.Parameter{{Name: "A", Value: "1"}, {Name: "B", Keep: true}, {Name: "C"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, made, stack.ChangeSet{ID: "set", Name: "stepdeck-1", StackID: "stack"})
	sent := aws.sent("CreateChangeSet")[0]
	for field, want := range map[string]string{
		"ChangeSetType": "CREATE", "ImportExistingResources": "true", "TemplateBody": "{}",
		"Capabilities.member.1": "CAPABILITY_IAM", "Capabilities.member.2": "CAPABILITY_AUTO_EXPAND",
		"Parameters.member.1.ParameterValue": "1", "Parameters.member.2.UsePreviousValue": "true",
		"Tags.member.1.Key": "stepdeck:stack",
	} {
		if sent.Get(field) != want {
			t.Errorf("%s = %q, want %q", field, sent.Get(field), want)
		}
	}
	if _, given := sent["Parameters.member.3.ParameterValue"]; !given || sent.Has("Parameters.member.3.UsePreviousValue") {
		t.Error("an empty value is a value")
	}
}

func TestChangesComeWithTheirValues(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{"DescribeChangeSet": {`<ChangeSetId>set</ChangeSetId><Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes>
		<member><Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>TaskDefinition</LogicalResourceId><ResourceType>AWS::ECS::TaskDefinition</ResourceType>
		<Replacement>True</Replacement><PolicyAction>ReplaceAndRetain</PolicyAction><Details><member><Target><Attribute>Properties</Attribute><Name>Memory</Name><Path>/Properties/Memory</Path>
		<BeforeValue>512</BeforeValue><AfterValue>1024</AfterValue><RequiresRecreation>Always</RequiresRecreation></Target><CausingEntity>TaskMemory</CausingEntity></member></Details></ResourceChange></member>
		<member><Type>Resource</Type><ResourceChange><Action>Add</Action><LogicalResourceId>Schedule</LogicalResourceId><ResourceType>AWS::Scheduler::Schedule</ResourceType>
		<AfterContext>{"Properties":{"State":"ENABLED","Target":{"Arn": "x"}}}</AfterContext></ResourceChange></member></Changes><NextToken>2</NextToken>`}})
	got, err := ports.Stacks.DescribeChangeSet(t.Context(), "set", "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, stack.ChangeSet{
		ID: "set", Status: stack.ChangeSetReady, Next: "2",
		Changes: []stack.Change{
			{
				Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Action: stack.Modify, Replacement: stack.Always, Kept: true,
				Properties: []stack.PropertyChange{{Path: "/Properties/Memory", Before: safe.Line("512"), After: safe.Line("1024"), Recreates: stack.Always, Cause: "TaskMemory"}},
			},
			{
				Logical: "Schedule", Type: "AWS::Scheduler::Schedule", Action: stack.Add,
				Properties: []stack.PropertyChange{{Path: "/Properties/State", After: safe.Line("ENABLED")}, {Path: "/Properties/Target", After: safe.Line(`{"Arn":"x"}`)}},
			},
		},
	})
	if aws.sent("DescribeChangeSet")[0].Get("IncludePropertyValues") != "true" {
		t.Error("the values are not asked for")
	}
}

func TestEventsOfAStackAreInTheOrderOfTime(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{"DescribeStackEvents": {`<StackEvents>
		<member><EventId>3</EventId><LogicalResourceId>Artifacts</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>The following hook(s) failed: [Org::Rules]</ResourceStatusReason></member>
		<member><EventId>2</EventId><LogicalResourceId>Artifacts</LogicalResourceId><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus><HookType>Org::Rules</HookType><HookStatus>HOOK_COMPLETE_FAILED</HookStatus><HookFailureMode>FAIL</HookFailureMode><HookStatusReason>no logging</HookStatusReason></member>
		<member><EventId>1</EventId><LogicalResourceId>Artifacts</LogicalResourceId><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus><HookType>Org::Hints</HookType><HookStatus>HOOK_COMPLETE_FAILED</HookStatus><HookFailureMode>WARN</HookFailureMode><HookStatusReason>no tags</HookStatusReason></member></StackEvents>`}})
	page, err := ports.Stacks.Events(t.Context(), stack.EventQuery{Stack: "dumps"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page.Events, []stack.Event{
		{ID: "3", Logical: "Artifacts", Status: "CREATE_FAILED", Reason: safe.Line("The following hook(s) failed: [Org::Rules]")},
		{ID: "2", Logical: "Artifacts", Reason: safe.Line("hook Org::Rules: no logging")},
		{ID: "1", Logical: "Artifacts", Status: "CREATE_IN_PROGRESS"},
	})
	if aws.sent("DescribeEvents") != nil {
		t.Error("the events of a stack were read grouped by operation")
	}
}

func TestOfAChangeSetOnlyErrorsAreTold(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{"DescribeEvents": {`<OperationEvents>
		<member><EventId>3</EventId><EventType>STACK_EVENT</EventType><OperationStatus>FAILED</OperationStatus><ResourceStatusReason>Early validation failed</ResourceStatusReason></member>
		<member><EventId>2</EventId><EventType>VALIDATION_ERROR</EventType><ValidationFailureMode>FAIL</ValidationFailureMode><LogicalResourceId>Artifacts</LogicalResourceId><ValidationStatusReason>exists</ValidationStatusReason><ValidationPath>/Resources/Artifacts</ValidationPath></member>
		<member><EventId>1</EventId><EventType>VALIDATION_ERROR</EventType><ValidationFailureMode>WARN</ValidationFailureMode><LogicalResourceId>Old</LogicalResourceId><ValidationStatusReason>not empty</ValidationStatusReason></member></OperationEvents>`}})
	page, err := ports.Stacks.Events(t.Context(), stack.EventQuery{Stack: "dumps", ChangeSet: "arn:set"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page.Events, []stack.Event{{ID: "2", Logical: "Artifacts", Reason: safe.Line("exists"), Path: safe.Line("/Resources/Artifacts")}})
	if sent := aws.sent("DescribeEvents")[0]; sent.Get("ChangeSetName") != "arn:set" || sent.Get("Filters.FailedEvents") != "true" {
		t.Errorf("sent %v", sent)
	}
	for name, refusal := range map[string]string{
		"an older endpoint": "InvalidAction: Could not find operation DescribeEvents",
		"an older policy":   "AccessDenied: User: arn:x is not authorized to perform: cloudformation:DescribeEvents on resource: y",
	} {
		ports, _ := stackPorts(t, map[string][]string{"DescribeEvents": {refusal}})
		if page, err := ports.Stacks.Events(t.Context(), stack.EventQuery{Stack: "dumps", ChangeSet: "arn:set"}); err != nil || len(page.Events) > 0 {
			t.Errorf("%s: %v, %v", name, page, err)
		}
	}
}

func TestAFailedCreationLeavesNothingBehind(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{"ExecuteChangeSet": {""}})
	if err := ports.Stacks.ExecuteChangeSet(t.Context(), "set", "token"); err != nil {
		t.Fatal(err)
	}
	if sent := aws.sent("ExecuteChangeSet")[0]; sent.Get("RetainExceptOnCreate") != "true" || sent.Get("ClientRequestToken") != "token" {
		t.Errorf("sent %v", sent)
	}
}

func TestAChangeSetThatIsGoneIsDeleted(t *testing.T) {
	ports, _ := stackPorts(t, map[string][]string{"DeleteChangeSet": {"ChangeSetNotFound: ChangeSet [x] does not exist"}})
	if err := ports.Stacks.DeleteChangeSet(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestDriftsComeWithTheirDifferences(t *testing.T) {
	ports, _ := stackPorts(t, map[string][]string{
		"DetectStackDrift":                  {"<StackDriftDetectionId>d</StackDriftDetectionId>"},
		"DescribeStackDriftDetectionStatus": {"<DetectionStatus>DETECTION_COMPLETE</DetectionStatus><StackDriftStatus>DRIFTED</StackDriftStatus><DriftedStackResourceCount>1</DriftedStackResourceCount>"},
		"DescribeStackResourceDrifts": {`<StackResourceDrifts><member><LogicalResourceId>TaskLogs</LogicalResourceId><StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus>
			<PropertyDifferences><member><PropertyPath>/RetentionInDays</PropertyPath><DifferenceType>NOT_EQUAL</DifferenceType><ExpectedValue>30</ExpectedValue><ActualValue>1</ActualValue></member></PropertyDifferences></member></StackResourceDrifts>`},
	})
	id, err := ports.Stacks.DetectDrift(t.Context(), "dumps")
	if err != nil || id != "d" {
		t.Fatal(id, err)
	}
	found, err := ports.Stacks.DriftDetection(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, found, stack.DriftDetection{Status: stack.Drifted})
	drifts, err := ports.Stacks.ResourceDrifts(t.Context(), "dumps")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, drifts, []stack.ResourceDrift{{
		Logical: "TaskLogs", Status: stack.Modified,
		Differences: []stack.Difference{{Path: "/RetentionInDays", Kind: "NOT_EQUAL", Expected: safe.Line("30"), Actual: safe.Line("1")}},
	}})
}

func TestAMachineWhoseSubstitutionsAreMadeHasNotDrifted(t *testing.T) {
	const expected = `{"TimeoutSeconds": "{% ${Limit} %}", "Resource": "arn:${Partition}:states", "Other": "${Partition}", "Retry": [2]}`
	const told = `{"DefinitionString":"x","DefinitionSubstitutions":{"Limit":"7200","Partition":"aws"}}`
	for name, c := range map[string]struct {
		properties, actual string
		want               stack.DriftStatus
	}{
		"as deployed":                   {told, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 7200 %}","Retry":[2]}`, stack.InSync},
		"values not told":               {`{}`, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 7200 %}","Retry":[2]}`, stack.InSync},
		"another value":                 {told, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 60 %}","Retry":[2]}`, stack.Modified},
		"two values of one name":        {`{}`, `{"Resource":"arn:aws:states","Other":"aws-cn","TimeoutSeconds":"{% 7200 %}","Retry":[2]}`, stack.Modified},
		"changed beside a substitution": {told, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 7200 + 1 %}","Retry":[2]}`, stack.Modified},
		"changed elsewhere":             {told, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 7200 %}","Retry":[3]}`, stack.Modified},
		"a state more":                  {told, `{"Resource":"arn:aws:states","Other":"aws","TimeoutSeconds":"{% 7200 %}","Retry":[2],"A":1}`, stack.Modified},
	} {
		t.Run(name, func(t *testing.T) {
			ports, _ := stackPorts(t, map[string][]string{"DescribeStackResourceDrifts": {
				`<StackResourceDrifts><member><LogicalResourceId>Workflow</LogicalResourceId><ResourceType>AWS::StepFunctions::StateMachine</ResourceType>
				<StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus><ExpectedProperties>` + html.EscapeString(c.properties) + `</ExpectedProperties>
				<PropertyDifferences><member><PropertyPath>/DefinitionString</PropertyPath><DifferenceType>NOT_EQUAL</DifferenceType>
				<ExpectedValue>` + html.EscapeString(expected) + `</ExpectedValue><ActualValue>` + html.EscapeString(c.actual) + `</ActualValue></member></PropertyDifferences></member></StackResourceDrifts>`,
			}})
			drifts, err := ports.Stacks.ResourceDrifts(t.Context(), "dumps")
			if err != nil {
				t.Fatal(err)
			}
			if got := drifts[0]; got.Status != c.want || (len(got.Differences) == 0) != (c.want == stack.InSync) {
				t.Errorf("%s with %d differences, want %s", got.Status, len(got.Differences), c.want)
			}
		})
	}
}
