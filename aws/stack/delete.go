package stack

import (
	"context"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Deletion is what deleting a stack would do.
type Deletion struct {
	Stack   string     `json:"stack"`
	StackID string     `json:"stackId"`
	Deleted []Resource `json:"deleted"`
	Kept    []Resource `json:"kept"` // stay in AWS, outside of any stack, with all that is in them
	// Failed are those that the last attempt could not delete. They are tried once
	// more, and kept if AWS still cannot delete them.
	Failed []Resource `json:"failed,omitempty"`
	// Tasks are live. AWS: a cluster with live tasks is not deleted.
	Tasks int `json:"tasks,omitempty"`
}

// PlanDelete tells what deleting a stack would do, and what it keeps.
func (s *Service) PlanDelete(ctx context.Context, name string) (Deletion, error) {
	st, err := s.find(ctx, name)
	if err != nil {
		return Deletion{}, err
	}
	if st.Status.Moving() {
		return Deletion{}, &Stuck{Stack: name, Status: st.Status, Way: *StuckState(name, st.Status)}
	}
	if st.Protected {
		return Deletion{}, &ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("stack %s is protected from deletion", name), Detail: safe.Line("termination protection is on"),
			Hint: safe.Linef("switch it off: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name %s", name),
		}
	}
	d := Deletion{Stack: name, StackID: st.ID, Deleted: []Resource{}, Kept: []Resource{}}
	if st.Status == ReviewInProgress {
		return d, nil
	}
	body, err := s.ports.Stacks.OriginalTemplate(ctx, st.ID)
	if err != nil {
		return Deletion{}, err
	}
	resources, err := s.ports.Stacks.Resources(ctx, st.ID)
	if err != nil {
		return Deletion{}, err
	}
	keeps := retained(body)
	for _, r := range resources {
		switch {
		case r.Status == DeleteComplete || r.Status == DeleteSkipped:
		case r.Status == DeleteFailed:
			d.Failed = append(d.Failed, r)
		case keeps[r.Logical]:
			d.Kept = append(d.Kept, r)
		default:
			d.Deleted = append(d.Deleted, r)
		}
	}
	if cluster := st.Output("ClusterName"); cluster != "" {
		// Where tasks cannot be counted, the deletion itself tells.
		d.Tasks, _ = s.tasksOn(ctx, cluster, "")
	}
	return d, nil
}

// retained are the resources that a template keeps when its stack is deleted.
func retained(body []byte) map[string]bool {
	var t struct {
		Resources map[string]struct {
			DeletionPolicy string `yaml:"DeletionPolicy"`
		} `yaml:"Resources"`
	}
	out := map[string]bool{}
	if yaml.Unmarshal(body, &t) != nil {
		return out
	}
	for name, r := range t.Resources {
		out[name] = slices.Contains([]string{"Retain", "RetainExceptOnCreate"}, r.DeletionPolicy)
	}
	return out
}

// Delete deletes the stack and watches it to its end. Nothing is emptied: what
// AWS cannot delete, such as a bucket with objects, fails the deletion; it is
// tried again by the next, and then kept. When ctx ends the deletion goes on,
// and the error is a *Detached.
func (s *Service) Delete(ctx context.Context, d Deletion, show func(Progress)) error {
	st, err := s.ports.Stacks.DescribeStack(ctx, d.StackID)
	if err != nil {
		return err
	}
	err = s.deleteStack(ctx, st, nil, show)
	if len(d.Failed) == 0 || ops.KindOf(err) != ops.Failed {
		return err
	}
	resources, readErr := s.ports.Stacks.Resources(ctx, d.StackID)
	if readErr != nil {
		return err
	}
	var retain []string
	for _, r := range resources {
		if r.Status != DeleteFailed {
			continue
		}
		if !slices.ContainsFunc(d.Failed, func(known Resource) bool { return known.Logical == r.Logical }) {
			return err // nobody was told that this one would be kept
		}
		retain = append(retain, r.Logical)
	}
	if len(retain) == 0 {
		return err
	}
	return s.deleteStack(ctx, st, retain, show)
}

func (s *Service) deleteStack(ctx context.Context, st Stack, retain []string, show func(Progress)) error {
	mark, err := s.newestEvent(ctx, st.ID)
	if err != nil {
		return err
	}
	if err := s.ports.Stacks.DeleteStack(ctx, st.ID, s.newName(), retain); err != nil {
		return err
	}
	o := &operation{service: s, stack: st, mark: mark}
	p, err := o.watch(ctx, show)
	if err != nil {
		return err
	}
	return outcome(p, DeleteComplete)
}
