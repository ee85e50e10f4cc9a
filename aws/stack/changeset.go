package stack

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// ownPrefix begins the names of the change sets that are made here.
const ownPrefix = "stepdeck-"

// leftAfter is the age at which a change set that nobody executed counts as left behind.
const leftAfter = time.Hour

func madeHere(c ChangeSet) bool { return strings.HasPrefix(c.Name, ownPrefix) }

// newName names a change set, or a request, by when it is made.
func (s *Service) newName() string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // it never fails
	return ownPrefix + s.now().UTC().Format("20060102-150405") + "-" + hex.EncodeToString(random[:])
}

// clean deletes change sets that were made here long ago and never executed.
// That it cannot is no reason not to plan.
func (s *Service) clean(ctx context.Context, stackID string) {
	sets, err := s.ports.Stacks.ListChangeSets(ctx, stackID)
	if err != nil {
		return
	}
	for _, set := range sets {
		if madeHere(set) && s.now().Sub(set.Created) > leftAfter {
			_ = s.ports.Stacks.DeleteChangeSet(ctx, set.ID)
		}
	}
}

// change makes a change set of the request and waits until it is ready. None
// changes anything: nil.
func (s *Service) change(ctx context.Context, r ChangeSetRequest) (*ChangeSet, error) {
	made, err := s.ports.Stacks.CreateChangeSet(ctx, r)
	if err != nil {
		return nil, onlyChecked(err)
	}
	var set ChangeSet
	err = poll(ctx, func() (bool, error) {
		set, err = s.ports.Stacks.DescribeChangeSet(ctx, made.ID, "")
		return err == nil && (set.Status == ChangeSetReady || set.Status == ChangeSetFailed), err
	})
	set.ID, set.StackID = made.ID, made.StackID
	if err == nil && set.Status == ChangeSetReady {
		if err = s.rest(ctx, &set); err == nil {
			return &set, nil
		}
	}
	if err == nil && !unchanged(set) {
		err = s.refusedChange(ctx, r.Stack, set)
	}
	s.discard(ctx, set.ID, set.StackID, r.Create)
	return nil, err
}

// onlyChecked adds to a denial why a plan takes more than reading.
func onlyChecked(err error) error {
	var problem *ops.Problem
	if ops.KindOf(err) != ops.Denied || !errors.As(err, &problem) {
		return err
	}
	told := *problem
	told.Detail = safe.Linef("%s; what a deployment would change is told by a change set, which AWS has to make: that takes write access",
		problem.Detail.Or(safe.Line("denied")))
	told.Err = err
	return &told
}

// rest reads the other pages of changes.
func (s *Service) rest(ctx context.Context, set *ChangeSet) error {
	for page := set.Next; page != ""; {
		more, err := s.ports.Stacks.DescribeChangeSet(ctx, set.ID, page)
		if err != nil {
			return err
		}
		set.Changes = append(set.Changes, more.Changes...)
		page = more.Next
	}
	slices.SortFunc(set.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(weight(a), weight(b)), cmp.Compare(a.Logical, b.Logical))
	})
	return nil
}

// weight puts first what destroys, then what else makes anew, changes, and adds.
func weight(c Change) int {
	switch {
	case c.Destroys():
		return 0
	case c.Action == Remove || c.Replaces():
		return 1
	case c.Action == Modify:
		return 2
	default:
		return 3
	}
}

// unchanged recognises how AWS says that there is nothing to do: the change set
// fails, with one of two texts.
func unchanged(set ChangeSet) bool {
	reason := set.Reason.String()
	return strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")
}

// refusedChange is the problem of a change set that could not be made, with
// what the validation of AWS found.
func (s *Service) refusedChange(ctx context.Context, stack string, set ChangeSet) error {
	problem := &ops.Problem{
		Kind: ops.Failed, Title: safe.Linef("AWS refuses the changes to stack %s", stack),
		Detail: set.Reason.Or(safe.Line("AWS gives no reason")), Hint: safe.Line("nothing was changed: correct what is named, and plan again"),
	}
	page, err := s.ports.Stacks.Events(ctx, EventQuery{Stack: set.StackID, ChangeSet: set.ID})
	if err != nil {
		return problem
	}
	for _, e := range inOrder(page.Events) {
		if e.Failure() && !ofStack(e) {
			reason, next := Explain(e)
			problem.Detail, problem.Hint = safe.Linef("%s: %s", e.Logical, reason), next.Or(problem.Hint)
			break
		}
	}
	return problem
}

// Discard deletes the change set of a plan that is not deployed, and the empty
// stack that was made for it. It does so also when ctx has ended.
func (s *Service) Discard(ctx context.Context, p *Plan) {
	if !p.Empty() {
		s.discard(ctx, p.ChangeSet, p.StackID, p.Creates)
	}
}

// discardLimit bounds the clearing up after a plan, and the waiting for that of another.
const discardLimit = 10 * time.Second

// discard clears up as far as it can: a change set that stays does no harm, and
// is deleted by a later plan.
func (s *Service) discard(ctx context.Context, changeSet, stackID string, creates bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardLimit)
	defer cancel()
	if err := s.ports.Stacks.DeleteChangeSet(ctx, changeSet); err != nil || !creates {
		return
	}
	st, err := s.ports.Stacks.DescribeStack(ctx, stackID)
	if err != nil || st.Status != ReviewInProgress {
		return
	}
	if left, err := s.ports.Stacks.ListChangeSets(ctx, stackID); err != nil || len(left) > 0 {
		return
	}
	if s.ports.Stacks.DeleteStack(ctx, stackID, s.newName(), nil) == nil {
		_ = s.gone(ctx, stackID)
	}
}

// gone waits until a stack that is being deleted is no more.
func (s *Service) gone(ctx context.Context, stackID string) error {
	return poll(ctx, func() (bool, error) {
		st, err := s.ports.Stacks.DescribeStack(ctx, stackID)
		if ops.KindOf(err) == ops.NotFound {
			return true, nil
		}
		return st.Status == DeleteComplete, err
	})
}
