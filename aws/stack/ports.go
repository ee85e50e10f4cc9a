package stack

import (
	"context"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Parameter is a value of a template parameter. With Keep it is the value that the stack has.
type Parameter struct {
	Name  string
	Value string
	Keep  bool
}

// ChangeSetRequest is what CreateChangeSet takes. Template is a body of at most 51,200 bytes.
type ChangeSetRequest struct {
	Stack      string
	Name       string
	Create     bool // the stack does not exist, or has never been made
	Adopt      bool // resources of the same names that exist are taken into the stack
	Template   []byte
	Parameters []Parameter
	Tags       map[string]string
}

// ChangeSet is a change set as far as it is made, with the changes of one page.
type ChangeSet struct {
	ID      string
	Name    string
	StackID string
	Status  ChangeSetStatus
	Reason  safe.Text
	Created time.Time
	Changes []Change
	Next    string // the next page of changes; empty on the last
}

// ChangeSetStatus is how far a change set is made, in CloudFormation's words.
type ChangeSetStatus string

// The statuses of a change set that has ended. Before, it is PENDING or IN_PROGRESS.
const (
	ChangeSetReady  ChangeSetStatus = "CREATE_COMPLETE"
	ChangeSetFailed ChangeSetStatus = "FAILED"
)

// EventQuery asks for one page of a stack's events, newest first.
type EventQuery struct {
	Stack     string // name or ID; a deleted stack is known by its ID alone
	ChangeSet string // instead: what was found wrong while this change set was made
	Page      string // empty: the first
}

// EventPage is one page of events. Next is empty on the last page.
type EventPage struct {
	Events []Event
	Next   string
}

// Stacks reads and changes CloudFormation stacks. A stack that does not exist
// is a Problem of kind NotFound.
type Stacks interface {
	DescribeStack(ctx context.Context, stack string) (Stack, error)
	// OriginalTemplate is the template as it was sent, before transforms, in
	// JSON or YAML; empty for a stack that was never made.
	OriginalTemplate(ctx context.Context, stack string) ([]byte, error)
	Resources(ctx context.Context, stack string) ([]Resource, error)
	Events(ctx context.Context, q EventQuery) (EventPage, error)

	CreateChangeSet(ctx context.Context, r ChangeSetRequest) (ChangeSet, error)
	// DescribeChangeSet returns the page of changes with values before and after.
	DescribeChangeSet(ctx context.Context, id, page string) (ChangeSet, error)
	ListChangeSets(ctx context.Context, stack string) ([]ChangeSet, error)
	ExecuteChangeSet(ctx context.Context, id, token string) error
	DeleteChangeSet(ctx context.Context, id string) error

	// DeleteStack keeps the resources named in retain (AWS: only a stack in
	// DELETE_FAILED may be told so).
	DeleteStack(ctx context.Context, stack, token string, retain []string) error
	ContinueRollback(ctx context.Context, stack, token string) error

	DetectDrift(ctx context.Context, stack string) (detection string, err error)
	DriftDetection(ctx context.Context, detection string) (DriftDetection, error)
	ResourceDrifts(ctx context.Context, stack string) ([]ResourceDrift, error)
}

// VPC is a network of the account in the region.
type VPC struct {
	ID      string
	Name    safe.Text
	CIDR    string
	Default bool
}

// Subnet is a part of a VPC in one availability zone.
type Subnet struct {
	ID, VPC, Zone string
}

// Route is where a route table sends a destination.
type Route struct {
	Destination string // a CIDR, or the ID of a prefix list
	Target      string // igw-…, nat-…, tgw-…, vpce-…, eni-…, local, …
	Blackhole   bool
}

// RouteTable routes the subnets that it names, and if it is the main one also
// those that no table names.
type RouteTable struct {
	VPC     string
	ID      string
	Main    bool
	Subnets []string
	Routes  []Route
}

// Endpoint is a VPC endpoint that is available. Service is the last part of
// its service's name: ecr.api, s3, states.
type Endpoint struct {
	ID, Service string
	Gateway     bool
	PrivateDNS  bool
	RouteTables []string // of a gateway endpoint
}

// Network reads what a task's network is made of.
type Network interface {
	VPCs(ctx context.Context) ([]VPC, error)
	// Subnets returns those of a VPC, or all for "".
	Subnets(ctx context.Context, vpc string) ([]Subnet, error)
	// RouteTables returns those of a VPC, or all for "".
	RouteTables(ctx context.Context, vpc string) ([]RouteTable, error)
	Endpoints(ctx context.Context, vpc string) ([]Endpoint, error)
}

// Secret is a parameter of Systems Manager without its value.
type Secret struct {
	Name string
	Type string // SecureString for a secret
}

// SecureString is the type of a parameter whose value is encrypted.
const SecureString = "SecureString"

// Value is a secret's value. It shows itself to nobody: formatting and
// encoding give asterisks.
type Value struct{ raw string }

// Secrets keeps secrets in Systems Manager. No value is ever read.
type Secrets interface {
	// Secret fails with a Problem of kind NotFound where there is none.
	Secret(ctx context.Context, name string) (Secret, error)
	// PutSecret makes a SecureString, or a new version of it. keyID is empty
	// for the account's own key.
	PutSecret(ctx context.Context, name string, value Value, keyID string) (version int64, err error)
}

// Image is what a registry tells of an image.
type Image struct {
	Digest       string   // sha256:…
	Architecture string   // amd64, arm64; empty for an index of several
	Platforms    []string // of an index, as linux/arm64
}

// Images reads images of the registry. An image that is not there is a Problem
// of kind NotFound.
type Images interface {
	DescribeImage(ctx context.Context, uri string) (Image, error)
}

// ImageBuilder makes the image of a stack that has none.
type ImageBuilder interface {
	// EnsureImage builds the image and pushes it where it is not there already.
	// It returns repositoryURI@sha256:…. progress gets one line at a time.
	EnsureImage(ctx context.Context, repositoryURI string, progress func(safe.Text)) (imageURI string, err error)
}

// Tasks reads tasks that run.
type Tasks interface {
	ListTasks(ctx context.Context, q ops.TaskQuery) (ops.TaskPage, error)
	DescribeTasks(ctx context.Context, cluster string, taskARNs []string) ([]workflow.Task, error)
}

// Ports are all that the use cases need of AWS.
type Ports struct {
	Stacks  Stacks
	Network Network
	Secrets Secrets
	Images  Images
	Tasks   Tasks
}
