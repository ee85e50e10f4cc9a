package stacks_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/stacks"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is where the fake resources are: things of the type Fake::Thing, which
// have a Value that can change, a Key that cannot, and attributes of both.
type world struct {
	mu   sync.Mutex
	made int
	live map[string]resources.Properties
	// order is every making and deletion, such as "+A-1" and "-A-1".
	order []string
	// fail makes the calls fail that it names, such as "create A"; each counts down.
	fail map[string]int
	// later makes a call fail once it has succeeded that often.
	later map[string]int
	// on is called at the begin of the call that it names.
	on map[string]func()
	// gate holds every making back until it is closed; nil holds nothing.
	gate chan struct{}
	// waiting tells what is held back.
	waiting chan string
}

func newWorld() *world {
	return &world{live: map[string]resources.Properties{}, fail: map[string]int{}, later: map[string]int{}}
}

func (w *world) failing(call string) error {
	if f := w.on[call]; f != nil {
		f()
	}
	if n, counting := w.later[call]; counting {
		if n > 0 {
			w.later[call]--
			return nil
		}
		delete(w.later, call)
		return errors.New(call + " was refused")
	}
	if w.fail[call] == 0 {
		return nil
	}
	w.fail[call]--
	return errors.New(call + " was refused")
}

func logicalOf(id string) string {
	return id[strings.LastIndexByte(id[:strings.LastIndexByte(id, '-')], '-')+1 : strings.LastIndexByte(id, '-')]
}

func (w *world) create(_ context.Context, env resources.Env, logical string, p resources.Properties) (resources.Made, error) {
	if w.gate != nil {
		w.waiting <- logical
		<-w.gate
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failing("create " + logical); err != nil {
		return resources.Made{}, err
	}
	w.made++
	id := fmt.Sprintf("%s-%s-%d", env.StackName, logical, w.made)
	w.live[id] = maps.Clone(p)
	w.order = append(w.order, "+"+id)
	return made(id, p), nil
}

func made(id string, p resources.Properties) resources.Made {
	return resources.Made{ID: id, Attributes: map[string]any{"Arn": "arn:" + id, "Value": fmt.Sprint(p["Value"])}}
}

func (w *world) update(_ context.Context, _ resources.Env, id string, _, p resources.Properties) (resources.Made, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failing("update " + logicalOf(id)); err != nil {
		return resources.Made{}, err
	}
	if w.live[id] == nil {
		return resources.Made{}, fmt.Errorf("%s is not there", id)
	}
	w.live[id] = maps.Clone(p)
	return made(id, p), nil
}

func (w *world) delete(_ context.Context, _ resources.Env, id string, _ resources.Properties) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failing("delete " + logicalOf(id)); err != nil {
		return err
	}
	delete(w.live, id)
	w.order = append(w.order, "-"+id)
	return nil
}

func (w *world) read(_ context.Context, _ resources.Env, id string, _ resources.Properties) (resources.Properties, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failing("read " + logicalOf(id)); err != nil {
		return nil, err
	}
	return maps.Clone(w.live[id]), nil
}

// remove takes a thing away behind the stack's back.
func (w *world) remove(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.live, id)
}

func (w *world) ids() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.live))
}

func (w *world) value(id string) any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live[id]["Value"]
}

func (w *world) set(id, name string, value any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live[id][name] = value; value == nil {
		delete(w.live[id], name)
	}
}

func (w *world) kinds() map[string]resources.Kind {
	kinds := map[string]resources.Kind{}
	for _, kind := range []string{"Fake::Thing", "AWS::IAM::Role"} {
		kinds[kind] = resources.Kind{Type: kind, Replaces: []string{"Key"}, Create: w.create, Update: w.update, Delete: w.delete, Read: w.read}
	}
	unread := kinds["Fake::Thing"]
	unread.Type = "Fake::Unreadable"
	unread.Read = func(context.Context, resources.Env, string, resources.Properties) (resources.Properties, error) {
		return nil, resources.ErrNotReadable
	}
	kinds[unread.Type] = unread
	named := kinds["Fake::Thing"]
	named.Type, named.Name, named.Create, named.Existing = "Fake::Named", "Name", w.createNamed, w.existing
	kinds[named.Type] = named
	named.Type, named.Tagged, named.SystemTags = "Fake::Tagged", true, true
	kinds[named.Type] = named
	worn := kinds["Fake::Thing"]
	worn.Type, worn.Tagged = "Fake::Worn", true
	kinds[worn.Type] = worn
	return kinds
}

// createNamed makes a thing whose property Name is its ID.
func (w *world) createNamed(_ context.Context, _ resources.Env, _ string, p resources.Properties) (resources.Made, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := p["Name"].(string)
	if w.live[id] != nil {
		return resources.Made{}, errors.New(id + " already exists")
	}
	w.live[id] = maps.Clone(p)
	w.order = append(w.order, "+"+id)
	return made(id, p), nil
}

func (w *world) existing(_ context.Context, _ resources.Env, id string) (resources.Made, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return made(id, w.live[id]), nil
}

// rig is a service of stacks over a world, behind the real client.
type rig struct {
	t       testing.TB
	world   *world
	client  *cloudformation.Client
	clock   *clock.Manual
	dir     string
	objects map[string]string
	stop    func()
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, world: newWorld(), clock: clock.NewManual(start), dir: t.TempDir(), objects: map[string]string{}}
	r.open()
	t.Cleanup(r.close)
	return r
}

func (r *rig) open() {
	r.t.Helper()
	kept, err := store.Open(r.dir)
	noError(r.t, err)
	service, err := stacks.New(stacks.Options{
		Store: kept, Clock: r.clock, Region: "us-east-1", Account: "123456789012",
		Invoke: func(context.Context, string, string, []byte) ([]byte, error) {
			return nil, errors.New("no service here")
		},
		Kinds: r.world.kinds(), Expand: expand,
		ReadObject: func(_ context.Context, bucket, key string) ([]byte, error) {
			text, ok := r.objects[bucket+"/"+key]
			if !ok {
				return nil, errors.New("The specified key does not exist.")
			}
			return []byte(text), nil
		},
	})
	noError(r.t, err)
	service.Recover()
	router := wiretest.Router()
	router.RegisterQuery(service.API())
	server := httptest.NewServer(router)
	r.client = cloudformation.NewFromConfig(wiretest.Config(server.URL))
	r.stop = func() {
		server.Close()
		noError(r.t, service.Close())
		noError(r.t, kept.Close())
	}
}

// close ends the rig, once.
func (r *rig) close() {
	r.stop()
	r.stop = func() {}
}

// restart ends the service and opens another on what it kept.
func (r *rig) restart() {
	r.stop()
	r.open()
}

// expand turns Fake::Short, which only a transform knows, into Fake::Thing.
func expand(document map[string]any) (map[string]any, error) {
	for logical, declared := range document["Resources"].(map[string]any) {
		object := declared.(map[string]any)
		switch object["Type"] {
		case "Fake::Short":
			object["Type"] = "Fake::Thing"
		case "Fake::Wrong":
			return nil, fmt.Errorf("Invalid Serverless Application Specification document. Number of errors found: 1. Resource with id [%s] is invalid.", logical)
		}
	}
	return document, nil
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks the code and the text of an error.
func refused(t testing.TB, err error, code, text string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) || known.ErrorCode() != code || !strings.Contains(known.ErrorMessage(), text) {
		t.Errorf("got  %v\nwant %s: %s", err, code, text)
	}
}

// settled waits for the end of a stack's operation.
func (r *rig) settled(name string) types.Stack {
	r.t.Helper()
	for {
		out, err := r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		noError(r.t, err)
		if stack := out.Stacks[0]; !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") || stack.StackStatus == types.StackStatusReviewInProgress {
			return stack
		}
	}
}

// create makes the stack "s" and waits for its end.
func (r *rig) create(template string, with ...func(*cloudformation.CreateStackInput)) types.Stack {
	r.t.Helper()
	in := &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: &template}
	for _, change := range with {
		change(in)
	}
	out, err := r.client.CreateStack(r.t.Context(), in)
	noError(r.t, err)
	return r.settled(*out.StackId)
}

// update changes the stack "s" and waits for its end.
func (r *rig) update(template string, with ...func(*cloudformation.UpdateStackInput)) types.Stack {
	r.t.Helper()
	in := &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: &template}
	for _, change := range with {
		change(in)
	}
	_, err := r.client.UpdateStack(r.t.Context(), in)
	noError(r.t, err)
	return r.settled("s")
}

// events are all events of a stack, oldest first, as "Logical STATUS reason".
func (r *rig) events(name string) []string {
	r.t.Helper()
	var lines []string
	pages := cloudformation.NewDescribeStackEventsPaginator(r.client, &cloudformation.DescribeStackEventsInput{StackName: &name})
	for pages.HasMorePages() {
		out, err := pages.NextPage(r.t.Context())
		noError(r.t, err)
		for _, e := range out.StackEvents {
			line := *e.LogicalResourceId + " " + string(e.ResourceStatus)
			if reason := aws.ToString(e.ResourceStatusReason); reason != "" {
				line += " " + reason
			}
			lines = append(lines, line)
		}
	}
	slices.Reverse(lines)
	return lines
}

// since are the events after the first n.
func (r *rig) since(name string, n int) []string { return r.events(name)[n:] }
