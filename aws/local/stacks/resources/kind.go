// Package resources makes, changes, reads and deletes the resources of a stack
// in local AWS: one file per type of resource.
package resources

import (
	"context"
	"errors"
)

// ErrNotReadable is what Kind.Read gives for a resource whose drift cannot be
// told; its drift status is NOT_CHECKED then.
var ErrNotReadable = errors.New("the resource's live properties cannot be read")

// Records keeps resources that have no service of local AWS behind them.
type Records interface {
	// Put writes value, as JSON, for the resource id of a kind.
	Put(kind, id string, value any) error
	// Get reads what Put wrote into a pointer. It tells whether there was any.
	Get(kind, id string, into any) (bool, error)
	// Delete removes a record; one that is not there is no error.
	Delete(kind, id string) error
}

// Env is where a resource is made.
type Env struct {
	Account, Region, Partition string
	StackName, StackID         string
	// Invoke calls an operation of a JSON service of local AWS: request is
	// written as JSON, the answer is read into a pointer. into may be nil. What
	// AWS refuses is a *wire.Error.
	Invoke func(ctx context.Context, service, operation string, request, into any) error
	// Records keeps what has no service behind it.
	Records Records
}

// Properties are a resource's properties with no intrinsic function left.
// Values are as JSON gives them to an any. CloudFormation gives many numbers
// and booleans as text: a kind takes both.
type Properties = map[string]any

// Made is a resource that is there.
type Made struct {
	// ID is the physical ID, which Ref gives.
	ID string
	// Attributes are what Fn::GetAtt gives, by name.
	Attributes map[string]any
}

// Kind is one type of resource. An error's text is the ResourceStatusReason
// that the stack's events show.
type Kind struct {
	// Type is the name in templates, such as "AWS::S3::Bucket".
	Type string
	// Replaces names the top-level properties whose change makes a new resource.
	Replaces []string
	// Create makes the resource; on an error nothing is left.
	Create func(ctx context.Context, env Env, logical string, p Properties) (Made, error)
	// Update changes the resource in place; on an error it is as it was.
	Update func(ctx context.Context, env Env, id string, old, new Properties) (Made, error)
	// Delete removes the resource; one that is gone already is no error.
	Delete func(ctx context.Context, env Env, id string, p Properties) error
	// Read gives the live values of the properties that p names. It gives nil
	// and no error for a resource that is gone, ErrNotReadable for one whose
	// drift is not supported.
	Read func(ctx context.Context, env Env, id string, p Properties) (Properties, error)
	// Tagged tells that a stack's tags are given in the property Tags, a list of
	// Key and Value, which is there then also where the template has none.
	Tagged bool
	// SystemTags tells that so are the tags aws:cloudformation:*. Handlers of AWS
	// differ here: IAM, ECR and task definitions go without.
	SystemTags bool
	// Name is the property that gives the physical ID, for a kind whose
	// resources a stack can import; empty for others.
	Name string
	// Existing is a resource that is there, as Create would have made it; nil where Name is empty.
	Existing func(ctx context.Context, env Env, id string) (Made, error)
}
