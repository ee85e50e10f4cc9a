package stack_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/infra"
)

const (
	stackID  = "arn:aws:cloudformation:us-east-1:123456789012:stack/dumps/1"
	digest   = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	imageURI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/dumps@" + digest
)

var t0 = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// account is an AWS in memory: what the ports read, and a record of what they changed.
type account struct {
	stacks    map[string]*stack.Stack // by name
	templates map[string]string       // by name; the shipped one where none is given
	resources []stack.Resource
	events    []stack.Event // newest first
	sets      []stack.ChangeSet
	created   []stack.ChangeSetRequest

	// next is what the next change set becomes.
	next stack.ChangeSet
	// onExecute, onDelete and onContinue are what the operations lead to, one
	// batch of events (newest first) with each look at the events.
	onExecute, onDelete, onContinue [][]stack.Event
	pending                         [][]stack.Event
	final                           stack.Status
	setEvents                       []stack.Event
	stale                           error // what the execution of a change set is refused with

	// removing is how many looks see the deletion of a stack in review under way.
	removing int

	deleted, deletedSets, executed, retained []string
	detection                                stack.DriftDetection
	drifts                                   []stack.ResourceDrift

	vpcs      []stack.VPC
	subnets   []stack.Subnet
	tables    []stack.RouteTable
	endpoints []stack.Endpoint
	secrets   map[string]string // name → type
	put       map[string]string // name → value
	images    map[string]stack.Image
	tasks     []workflow.Task
	denied    map[string]bool // ports that refuse
}

// newAccount is one that a stack can be deployed to, and has none yet.
func newAccount() *account {
	return &account{
		stacks: map[string]*stack.Stack{}, templates: map[string]string{}, put: map[string]string{}, denied: map[string]bool{},
		vpcs: []stack.VPC{
			{ID: "vpc-00000000000000001", Name: safe.Line("main"), CIDR: "10.0.0.0/16", Default: true},
			{ID: "vpc-00000000000000002", CIDR: "10.1.0.0/16"},
		},
		subnets: []stack.Subnet{
			{ID: "subnet-0000000000000000a", VPC: "vpc-00000000000000001", Zone: "us-east-1a"},
			{ID: "subnet-0000000000000000b", VPC: "vpc-00000000000000001", Zone: "us-east-1b"},
			{ID: "subnet-0000000000000000c", VPC: "vpc-00000000000000002", Zone: "us-east-1a"},
		},
		tables: []stack.RouteTable{{
			ID: "rtb-1", VPC: "vpc-00000000000000001", Main: true,
			Routes: []stack.Route{{Destination: "10.0.0.0/16", Target: "local"}, {Destination: "0.0.0.0/0", Target: "nat-1"}},
		}},
		secrets: map[string]string{"/dumps/db/user": stack.SecureString, "/dumps/db/password": stack.SecureString},
		images:  map[string]stack.Image{imageURI: {Digest: digest, Architecture: "amd64"}},
		next:    stack.ChangeSet{Status: stack.ChangeSetReady},
		final:   stack.CreateComplete,
	}
}

// withStack gives the account our stack in a status.
func (a *account) withStack(s stack.Status) *account {
	a.stacks["dumps"] = &stack.Stack{
		ID: stackID, Name: "dumps", Status: s, Created: t0, Tags: map[string]string{"stepdeck:stack": "dumps"},
		Parameters: []stack.Pair{
			{Name: "VpcId", Value: safe.Line("vpc-00000000000000001")},
			{Name: "SubnetIds", Value: safe.Line("subnet-0000000000000000a,subnet-0000000000000000b")},
			{Name: "ImageUri", Value: safe.Line(imageURI)},
			{Name: "TaskMemory", Value: safe.Line("512")},
		},
		Outputs: []stack.Output{
			{Name: "ClusterName", Value: safe.Line("dumps")}, {Name: "RepositoryUri", Value: safe.Line("123456789012.dkr.ecr.us-east-1.amazonaws.com/dumps")},
		},
	}
	a.events = []stack.Event{event(0, "dumps", s)}
	return a
}

func (a *account) service() *stack.Service {
	return stack.New(stack.Ports{Stacks: a, Network: a, Secrets: a, Images: a, Tasks: a})
}

// request is one that the account takes.
func request(parameters ...string) stack.Request {
	values := map[string]string{"VpcId": "vpc-00000000000000001", "SubnetIds": "subnet-0000000000000000a,subnet-0000000000000000b"}
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		values[name] = value
	}
	body, err := infra.Template()
	if err != nil {
		panic(err)
	}
	return stack.Request{Stack: "dumps", Source: stack.Source{Name: "template.yaml", Body: body, Read: infra.File}, Parameters: values}
}

var counter int

// event is one at a second of the operation; of the stack itself where the name is the stack's.
func event(second int, name string, s stack.Status, reason ...string) stack.Event {
	counter++
	e := stack.Event{
		ID: fmt.Sprintf("e%d", counter), Time: t0.Add(time.Duration(second) * time.Second), Logical: name, Type: "AWS::Test::" + name,
		Status: s, Reason: safe.Line(strings.Join(reason, " ")),
	}
	if name == "dumps" {
		e.Type = "AWS::CloudFormation::Stack"
	}
	return e
}

func notFound(what string) error {
	return &ops.Problem{Kind: ops.NotFound, Title: safe.Linef("there is no %s", what)}
}

func (a *account) find(name string) (*stack.Stack, error) {
	for _, s := range a.stacks {
		if s.Name == name || s.ID == name {
			return s, nil
		}
	}
	return nil, notFound("stack " + name)
}

func (a *account) DescribeStack(_ context.Context, name string) (stack.Stack, error) {
	s, err := a.find(name)
	if err != nil {
		return stack.Stack{}, err
	}
	seen := *s
	if s.Status == stack.DeleteInProgress && a.removing > 0 {
		if a.removing--; a.removing == 0 {
			delete(a.stacks, s.Name)
		}
	}
	return seen, nil
}

func (a *account) OriginalTemplate(_ context.Context, name string) ([]byte, error) {
	s, err := a.find(name)
	if err != nil {
		return nil, err
	}
	if s.Status == stack.DeleteInProgress && a.removing > 0 {
		return nil, &ops.Problem{Kind: ops.Usage, Title: safe.Line("Template not available")}
	}
	if text, ok := a.templates[s.Name]; ok {
		return []byte(text), nil
	}
	return infra.Template()
}

func (a *account) Resources(context.Context, string) ([]stack.Resource, error) {
	return slices.Clone(a.resources), nil
}

func (a *account) Events(_ context.Context, q stack.EventQuery) (stack.EventPage, error) {
	if q.ChangeSet != "" {
		return stack.EventPage{Events: a.setEvents}, nil
	}
	if len(a.pending) > 0 {
		a.events = append(slices.Clone(a.pending[0]), a.events...)
		if a.pending = a.pending[1:]; len(a.pending) == 0 {
			a.stacks["dumps"].Status = a.final
		}
	}
	return stack.EventPage{Events: slices.Clone(a.events)}, nil
}

func (a *account) CreateChangeSet(_ context.Context, r stack.ChangeSetRequest) (stack.ChangeSet, error) {
	if err := a.refused("CreateChangeSet"); err != nil {
		return stack.ChangeSet{}, err
	}
	a.created = append(a.created, r)
	if r.Create && a.stacks[r.Stack] == nil {
		a.stacks[r.Stack] = &stack.Stack{ID: stackID, Name: r.Stack, Status: stack.ReviewInProgress}
		a.events = []stack.Event{event(0, r.Stack, stack.ReviewInProgress)}
	}
	set := a.next
	set.ID, set.Name, set.StackID, set.Created = "set/"+r.Name, r.Name, stackID, t0
	a.sets = append(a.sets, set)
	return stack.ChangeSet{ID: set.ID, Name: set.Name, StackID: stackID}, nil
}

func (a *account) DescribeChangeSet(_ context.Context, id, page string) (stack.ChangeSet, error) {
	for _, s := range a.sets {
		if s.ID == id && page == "" {
			return s, nil
		}
		if s.ID == id {
			return stack.ChangeSet{Changes: []stack.Change{{Logical: "Second", Action: stack.Add}}}, nil
		}
	}
	return stack.ChangeSet{}, notFound(id)
}

func (a *account) ListChangeSets(context.Context, string) ([]stack.ChangeSet, error) {
	return slices.Clone(a.sets), nil
}

func (a *account) ExecuteChangeSet(_ context.Context, id, _ string) error {
	if a.stale != nil {
		return a.stale
	}
	a.executed = append(a.executed, id)
	a.stacks["dumps"].Tags = map[string]string{"stepdeck:stack": "dumps"}
	a.pending = a.onExecute
	return nil
}

func (a *account) DeleteChangeSet(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.deletedSets = append(a.deletedSets, id)
	a.sets = slices.DeleteFunc(a.sets, func(s stack.ChangeSet) bool { return s.ID == id })
	return nil
}

func (a *account) DeleteStack(_ context.Context, name, _ string, retain []string) error {
	a.deleted, a.retained, a.pending = append(a.deleted, name), retain, a.onDelete
	if len(retain) > 0 {
		a.pending, a.final = [][]stack.Event{{event(20, "dumps", stack.DeleteComplete), event(19, "dumps", stack.DeleteInProgress)}}, stack.DeleteComplete
	}
	if s, err := a.find(name); err == nil && s.Status == stack.ReviewInProgress {
		if s.Status = stack.DeleteInProgress; a.removing == 0 {
			delete(a.stacks, s.Name)
		}
	}
	return nil
}

func (a *account) ContinueRollback(context.Context, string, string) error {
	a.pending = a.onContinue
	return nil
}

func (a *account) DetectDrift(context.Context, string) (string, error) { return "detection", nil }

func (a *account) DriftDetection(context.Context, string) (stack.DriftDetection, error) {
	if a.detection.Running {
		a.detection.Running = false
		return stack.DriftDetection{Running: true}, nil
	}
	return a.detection, nil
}

func (a *account) ResourceDrifts(context.Context, string) ([]stack.ResourceDrift, error) {
	return slices.Clone(a.drifts), nil
}

func (a *account) refused(port string) error {
	if a.denied[port] {
		return &ops.Problem{Kind: ops.Denied, Title: safe.Linef("AWS denied %s", port)}
	}
	return nil
}

func (a *account) VPCs(context.Context) ([]stack.VPC, error) {
	return a.vpcs, a.refused("DescribeVpcs")
}

func (a *account) Subnets(_ context.Context, vpc string) ([]stack.Subnet, error) {
	return slices.DeleteFunc(slices.Clone(a.subnets), func(s stack.Subnet) bool { return vpc != "" && s.VPC != vpc }), a.refused("DescribeSubnets")
}

func (a *account) RouteTables(_ context.Context, vpc string) ([]stack.RouteTable, error) {
	return slices.DeleteFunc(slices.Clone(a.tables), func(t stack.RouteTable) bool { return t.VPC != vpc }), a.refused("DescribeRouteTables")
}

func (a *account) Endpoints(context.Context, string) ([]stack.Endpoint, error) {
	return a.endpoints, a.refused("DescribeVpcEndpoints")
}

func (a *account) Secret(_ context.Context, name string) (stack.Secret, error) {
	if err := a.refused("DescribeParameters"); err != nil {
		return stack.Secret{}, err
	}
	if kind, ok := a.secrets[name]; ok {
		return stack.Secret{Name: name, Type: kind}, nil
	}
	return stack.Secret{}, notFound("parameter " + name)
}

func (a *account) PutSecret(_ context.Context, name string, value stack.Value, _ string) (int64, error) {
	a.put[name] = value.Reveal()
	return 3, nil
}

func (a *account) DescribeImage(_ context.Context, uri string) (stack.Image, error) {
	if image, ok := a.images[uri]; ok {
		return image, a.refused("BatchGetImage")
	}
	return stack.Image{}, notFound("image " + uri)
}

func (a *account) ListTasks(context.Context, ops.TaskQuery) (ops.TaskPage, error) {
	var page ops.TaskPage
	for _, t := range a.tasks {
		page.ARNs = append(page.ARNs, t.ARN)
	}
	return page, nil
}

func (a *account) DescribeTasks(context.Context, string, []string) ([]workflow.Task, error) {
	return a.tasks, nil
}

// says fails the test unless the error has the kind and all the texts.
func says(t *testing.T, err error, kind ops.Kind, texts ...string) {
	t.Helper()
	var problem *ops.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("got %v, want a problem", err)
	}
	if problem.Kind != kind {
		t.Errorf("kind %d, want %d: %v", problem.Kind, kind, err)
	}
	for _, text := range texts {
		if !strings.Contains(problem.Error(), text) {
			t.Errorf("%q does not say %q", problem.Error(), text)
		}
	}
}

func quiet(stack.Progress) {}
