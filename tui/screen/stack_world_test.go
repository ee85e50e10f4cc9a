package screen

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/infra"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

const (
	digestOld  = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	digestNew  = "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dumps"
)

// stackWorld is a stack and a repository in memory. Each step of an operation takes a second.
type stackWorld struct {
	mu    sync.Mutex
	state stack.State
	gone  bool
	plan  stack.Plan
	why   error // of a plan
	steps []stack.Progress
	end   error // of an operation
	drift stack.Drift
	image image.Status
	fail  error // of reading

	// base is the deployed image's; unmade is why no image can be made.
	base       image.Base
	unmade     error
	dockerfile string

	asked []stack.Request
	made  []ImageChoice
	calls []string
	set   stack.SecretRequest
}

func (w *stackWorld) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(format, args...))
}

// called are the calls that begin so.
func (w *stackWorld) called(prefix string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, c := range w.calls {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

func (w *stackWorld) Status(_ context.Context, name string) (stack.State, error) {
	w.note("Status %s", name)
	if w.gone {
		return stack.State{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Linef("stack %s does not exist", name)}
	}
	return w.state, w.fail
}

func (w *stackWorld) Plan(_ context.Context, r stack.Request) (*stack.Plan, error) {
	w.note("Plan %s", r.Stack)
	w.asked = append(w.asked, r)
	p := w.plan
	return &p, w.why
}

func (w *stackWorld) Discard(_ context.Context, p *stack.Plan) { w.note("Discard %s", p.ChangeSet) }

func (w *stackWorld) Deploy(ctx context.Context, p *stack.Plan, show func(stack.Progress)) (stack.Progress, error) {
	w.note("Deploy %s", p.ChangeSet)
	return w.work(ctx, show)
}

func (w *stackWorld) Watch(ctx context.Context, name string, show func(stack.Progress)) (stack.Progress, error) {
	w.note("Watch %s", name)
	return w.work(ctx, show)
}

func (w *stackWorld) Recover(ctx context.Context, stuck *stack.Stuck, show func(stack.Progress)) error {
	w.note("Recover %s", stuck.Way.Do)
	_, err := w.work(ctx, show)
	return err
}

func (w *stackWorld) Delete(ctx context.Context, d stack.Deletion, show func(stack.Progress)) error {
	w.note("Delete %s", d.Stack)
	_, err := w.work(ctx, show)
	return err
}

func (w *stackWorld) work(ctx context.Context, show func(stack.Progress)) (last stack.Progress, err error) {
	for _, p := range w.steps {
		last = p
		show(p)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return last, &stack.Detached{Stack: p.Stack, Err: ctx.Err()}
		}
	}
	return last, w.end
}

func (w *stackWorld) Drift(context.Context, string) (stack.Drift, error) {
	w.note("Drift")
	return w.drift, nil
}

func (w *stackWorld) PlanDelete(context.Context, string) (stack.Deletion, error) {
	w.note("PlanDelete")
	return stack.Deletion{Stack: "dumps", Deleted: w.state.Resources[2:], Kept: w.state.Resources[:2], Tasks: 2}, nil
}

func (w *stackWorld) SecretNames(_ context.Context, name string) (user, password string, err error) {
	return "/" + name + "/db/user", "/" + name + "/db/password", nil
}

func (w *stackWorld) SetSecret(_ context.Context, r stack.SecretRequest) (int64, error) {
	w.note("SetSecret %s", r.Name)
	w.set = r
	return 3, nil
}

// images is the repository.
type images struct{ *stackWorld }

func (i images) Status(_ context.Context, r image.StatusRequest) (image.Status, error) {
	i.note("Images %s %s", r.Repository, r.Family)
	st := i.image
	st.Local = r.Local
	return st, nil
}

func (i images) Describe(_ context.Context, uri string) (image.Description, error) {
	return image.Description{Digest: digestOld, Base: i.base}, nil
}

// Bring deploys the image to a stack without one.
func (w *stackWorld) Bring(ctx context.Context, r stack.Request, b stack.ImageBuilder, v stack.Visitor) (stack.State, error) {
	uri, err := b.EnsureImage(ctx, repository, v.Image)
	if err != nil {
		return stack.State{}, err
	}
	w.note("Bring %s", uri)
	p := w.plan
	if err := v.Confirm(ctx, &p, false); err != nil {
		return stack.State{}, err
	}
	_, err = w.work(ctx, v.Show)
	return w.state, err
}

// imageBuild makes an image of the world.
type imageBuild struct{ *stackWorld }

func (w *stackWorld) make(c ImageChoice) ImageMaker {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made = append(w.made, c)
	return imageBuild{w}
}

func (w imageBuild) Prepare(_ context.Context, watch image.Watcher) error {
	w.note("Prepare")
	watch.Line(safe.Line("base found"))
	return w.unmade
}

// Push takes three seconds.
func (w imageBuild) Push(ctx context.Context, uri string, watch image.Watcher) (string, error) {
	w.note("Build %s", uri)
	watch.Line(safe.Line("built " + digestNew + ": 40 MiB compressed"))
	for done := int64(0); done <= 42e6; done += 14e6 {
		watch.Sent(done, 42e6)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return uri + "@" + digestNew, nil
}

// deployedStack is a stack in its everyday state, with an image that is not the newest.
func deployedStack() *stackWorld {
	time.Sleep(63*24*time.Hour + 15*time.Hour) // the bubble begins at midnight of 1 January 2000
	now := time.Now().UTC()
	w := &stackWorld{}
	w.state = stack.State{
		Stack: stack.Stack{
			ID:   "arn:aws:cloudformation:eu-west-1:123456789012:stack/dumps/6e1f2a30-0000-11f0-8000-0a1b2c3d4e5f",
			Name: "dumps", Status: stack.UpdateComplete, Created: now.Add(-40 * 24 * time.Hour), Updated: now.Add(-3 * time.Hour),
			Outputs: []stack.Output{
				{Name: "WorkflowArn", Value: safe.Line(accountPrefix + "dumps-run"), Description: safe.Line("The machine that runs tasks")},
				{Name: "RepositoryUri", Value: safe.Line(repository), Description: safe.Line("Where the image is pushed to")},
				{Name: "UserSecretName", Value: safe.Line("/dumps/db/user")},
			},
			Parameters: []stack.Pair{
				{Name: "ProjectName", Value: safe.Line("dumps")},
				{Name: "ImageUri", Value: safe.Line(repository + "@" + digestOld)},
				{Name: "VpcId", Value: safe.Line("vpc-00000000000000001")},
				{Name: "SubnetIds", Value: safe.Line("subnet-1,subnet-2")},
				{Name: "TaskCpu", Value: safe.Line("256")},
				{Name: "TaskMemory", Value: safe.Line("512")},
			},
			Drift: stack.NotChecked,
		},
		Image: repository + "@" + digestOld,
	}
	for i, r := range [][3]string{
		{"Repository", "AWS::ECR::Repository", "dumps"},
		{"Artifacts", "AWS::S3::Bucket", "dumps-artifacts-123456789012-eu-west-1"},
		{"Cluster", "AWS::ECS::Cluster", "dumps"},
		{"TaskRole", "AWS::IAM::Role", "dumps-TaskRole-1A2B3C4D5E6F"},
		{"TaskDefinition", "AWS::ECS::TaskDefinition", "arn:aws:ecs:eu-west-1:123456789012:task-definition/dumps-task:7"},
		{"Workflow", "AWS::StepFunctions::StateMachine", accountPrefix + "dumps-run"},
	} {
		w.state.Resources = append(w.state.Resources, stack.Resource{
			Logical: r[0], Type: r[1], Physical: safe.Line(r[2]), Status: stack.UpdateComplete, Updated: now.Add(-time.Duration(i) * time.Hour),
		})
	}
	w.state.Last = operation(now.Add(-3*time.Hour), stack.UpdateComplete, "TaskDefinition UPDATE_COMPLETE 4", "Workflow UPDATE_COMPLETE 9")
	w.plan = bigPlan()
	w.steps = []stack.Progress{
		operation(now, "UPDATE_IN_PROGRESS", "TaskDefinition UPDATE_IN_PROGRESS 0"),
		operation(now, "UPDATE_IN_PROGRESS", "TaskDefinition UPDATE_COMPLETE 1", "Workflow UPDATE_IN_PROGRESS 0"),
		operation(now, stack.UpdateComplete, "TaskDefinition UPDATE_COMPLETE 1", "Workflow UPDATE_COMPLETE 1"),
	}
	w.drift = stack.Drift{Stack: "dumps", Status: stack.Drifted, Checked: now, Resources: []stack.ResourceDrift{
		{Logical: "TaskRole", Type: "AWS::IAM::Role", Status: stack.Modified, Differences: []stack.Difference{
			{Path: "/Policies/0/PolicyDocument", Kind: "NOT_EQUAL", Expected: safe.Line(`{"Action":"s3:PutObject"}`), Actual: safe.Line(`{"Action":"s3:*"}`)},
		}},
		{Logical: "Cluster", Type: "AWS::ECS::Cluster", Status: stack.InSync},
	}}
	w.base = image.Base{Name: "public.ecr.aws/docker/library/mariadb:11.8", Digest: digestOld}
	w.image = image.Status{
		Repository: repository, LocalPushed: true,
		Deployed: &image.Placed{
			Stored: image.Stored{Digest: digestOld, Bytes: 41e6, Pushed: now.Add(-10 * 24 * time.Hour)}, Image: repository + "@" + digestOld,
			Findings: image.Findings{Status: "COMPLETE", Counts: map[string]int{"CRITICAL": 1, "MEDIUM": 4}},
		},
		Newest: &image.Placed{
			Stored: image.Stored{Digest: digestNew, Bytes: 42e6, Pushed: now.Add(-time.Hour)}, Findings: image.Findings{Status: "COMPLETE"},
		},
		Unused: []image.Stored{{Digest: "sha256:1"}, {Digest: "sha256:2"}},
	}
	return w
}

// operation makes the progress of resources given as "LOGICAL STATUS SECONDS"; 0 seconds: at work.
func operation(began time.Time, status stack.Status, resources ...string) stack.Progress {
	p := stack.Progress{Stack: "dumps", Status: status, Started: began}
	if !status.Moving() {
		p.Ended = began.Add(15 * time.Second)
	}
	for _, text := range resources {
		r := stack.ResourceProgress{Type: "AWS::ECS::Thing", Started: began}
		var seconds int
		_, _ = fmt.Sscanf(text, "%s %s %d", &r.Logical, &r.Status, &seconds)
		if seconds > 0 {
			r.Ended = began.Add(time.Duration(seconds) * time.Second)
		}
		p.Resources = append(p.Resources, r)
	}
	return p
}

// bigPlan has a change of each kind.
func bigPlan() stack.Plan {
	return stack.Plan{
		Stack: "dumps", ChangeSet: "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/stepdeck-1/1",
		Parameters: []stack.ParameterChange{
			{Name: "ImageUri", Before: safe.Line(repository + "@" + digestOld), After: safe.Line(repository + "@" + digestNew), Origin: "given"},
			{Name: "TaskMemory", Before: safe.Line("512"), After: safe.Line("512"), Origin: "kept"},
		},
		Changes: []stack.Change{
			{Logical: "Cluster", Type: "AWS::ECS::Cluster", Action: stack.Modify, Replacement: stack.Always, Properties: []stack.PropertyChange{
				{Path: "ClusterName", Before: safe.Line("dumps"), After: safe.Line("dumps-2"), Recreates: stack.Always},
			}},
			{Logical: "Reaper", Type: "AWS::StepFunctions::StateMachine", Action: stack.Remove},
			{Logical: "Artifacts", Type: "AWS::S3::Bucket", Action: stack.Remove, Kept: true},
			{Logical: "FreshnessAlarm", Type: "AWS::CloudWatch::Alarm", Action: stack.Add, Properties: []stack.PropertyChange{
				{Path: "Threshold", After: safe.Line("1")},
			}},
			{Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Action: stack.Modify, Replacement: stack.Always, Kept: true, Properties: []stack.PropertyChange{
				{
					Path: "ContainerDefinitions.0.Image", Before: safe.Line(repository + "@" + digestOld), After: safe.Line(repository + "@" + digestNew),
					Recreates: stack.Always, Cause: "ImageUri",
				},
			}},
			{Logical: "TaskRole", Type: "AWS::IAM::Role", Action: stack.Modify, Replacement: stack.Never, Properties: []stack.PropertyChange{
				{Path: "Policies.0.PolicyDocument", Before: safe.Line(`{"Action":"s3:PutObject"}`), After: safe.Line(`{"Action":["s3:PutObject","s3:AbortMultipartUpload"]}`)},
			}},
		},
		Findings: []stack.Finding{{
			Severity: stack.Warning, Subject: safe.Line("subnet-2"), Sentence: safe.Line("It has no route to the endpoint of Step Functions: tasks there cannot report their end."),
			Next: safe.Line("add an interface endpoint for states, or leave the subnet out"),
		}},
	}
}

// firstDeployment is a place where nothing is deployed yet.
func firstDeployment() *stackWorld {
	w := deployedStack()
	w.gone = true
	w.plan.Creates = true
	return w
}

// failedStack was rolled back, and that failed too.
func failedStack() *stackWorld {
	w := deployedStack()
	w.state.Stack.Status = stack.UpdateRollbackFailed
	w.state.Way = stack.StuckState("dumps", stack.UpdateRollbackFailed)
	w.state.Last = operation(time.Now().UTC().Add(-5*time.Minute), stack.UpdateRollbackFailed, "TaskDefinition UPDATE_FAILED 4")
	w.state.Last.Resources[0].Reason = noSuchSize()
	w.state.Last.Failed = &stack.Event{Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Status: "UPDATE_FAILED", Reason: noSuchSize()}
	return w
}

func noSuchSize() safe.Text {
	return safe.Line("No Fargate configuration exists for given values: 512 CPU, 512 memory.")
}

func (w *stackWorld) console(look theme.Options) *Console {
	body, err := infra.Template()
	if err != nil {
		panic(err) // it is part of the program
	}
	c := newAccount().console(look)
	c.Stack = StackKit{
		Local: func(_ context.Context, _ string, on image.Base) (*image.Built, error) {
			w.note("Local %s", on.Reference())
			return &image.Built{Digest: digestNew}, nil
		},
		Dockerfile: func() (file, engine, unable string) {
			if w.dockerfile == "" {
				return "", "", "there is no Dockerfile here"
			}
			return w.dockerfile, "podman", ""
		},
		Stacks: w, Images: images{w}, Name: "dumps", Make: w.make, Source: stack.Source{Name: "template.yaml", Body: body},
	}
	return c
}

// openStack opens the screen and lets it read.
func (w *stackWorld) open(t testing.TB, look theme.Options, width, height int) *tuitest.Driver {
	t.Helper()
	c := w.console(look)
	d := newAccount().open(t, c, newStack(c, ""), width, height)
	d.Advance(time.Second)
	return d
}
